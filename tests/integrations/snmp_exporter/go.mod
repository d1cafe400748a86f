module dmports.example/snmp_exporter

go 1.21

require github.com/prometheus/snmp_exporter v0.26.0
