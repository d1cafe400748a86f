// SPDX-License-Identifier: BSD-2-Clause

// A manager with gosnmp; see README.md for what managers say.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

func show(variable gosnmp.SnmpPDU) error {
	value := variable.Value
	switch variable.Type {
	case gosnmp.NoSuchObject, gosnmp.NoSuchInstance:
		return fmt.Errorf("%s: absent", variable.Name)
	case gosnmp.OctetString:
		value = string(variable.Value.([]byte))
	}
	fmt.Printf("%s\t%s\t%v\n", variable.Name, variable.Type, value)
	return nil
}

func walk(port uint16, plan string) error {
	client := &gosnmp.GoSNMP{
		Target: "127.0.0.1", Port: port, Community: "public", Version: gosnmp.Version2c,
		Timeout: 5 * time.Second, MaxOids: gosnmp.MaxOids, MaxRepetitions: 25,
	}
	if err := client.Connect(); err != nil {
		return err
	}
	defer client.Conn.Close()
	file, err := os.Open(plan)
	if err != nil {
		return err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) > 1 {
			if err := client.BulkWalk(words[0], show); err != nil {
				return err
			}
			continue
		}
		packet, err := client.Get(words)
		if err != nil {
			return err
		}
		if err := show(packet.Variables[0]); err != nil {
			return err
		}
	}
	return nil
}

func told(packet *gosnmp.SnmpPacket, _ *net.UDPAddr) {
	fmt.Println(packet.PDUType)
	for _, variable := range packet.Variables {
		if err := show(variable); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("end")
}

func receive(port string) error {
	listener := gosnmp.NewTrapListener()
	listener.OnNewTrap = told
	listener.Params = gosnmp.Default
	go func() {
		<-listener.Listening()
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return listener.Listen("127.0.0.1:" + port)
}

func main() {
	var err error
	if os.Args[1] == "walk" {
		var port uint64
		if port, err = strconv.ParseUint(os.Args[2], 10, 16); err == nil {
			err = walk(uint16(port), os.Args[3])
		}
	} else {
		err = receive(os.Args[2])
	}
	if err != nil {
		log.Fatal(err)
	}
}
