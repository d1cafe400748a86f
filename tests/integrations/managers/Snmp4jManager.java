// SPDX-License-Identifier: BSD-2-Clause
// A manager with SNMP4J and its TableUtils; see README.md for what managers say.
import java.nio.file.Files;
import java.nio.file.Path;
import org.snmp4j.CommandResponder;
import org.snmp4j.CommandResponderEvent;
import org.snmp4j.CommunityTarget;
import org.snmp4j.PDU;
import org.snmp4j.Snmp;
import org.snmp4j.event.ResponseEvent;
import org.snmp4j.mp.SnmpConstants;
import org.snmp4j.mp.StatusInformation;
import org.snmp4j.smi.Address;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.UdpAddress;
import org.snmp4j.smi.Variable;
import org.snmp4j.smi.VariableBinding;
import org.snmp4j.transport.DefaultUdpTransportMapping;
import org.snmp4j.util.DefaultPDUFactory;
import org.snmp4j.util.TableEvent;
import org.snmp4j.util.TableUtils;

public class Snmp4jManager {
    static void show(VariableBinding binding) {
        Variable value = binding.getVariable();
        if (value == null || value.isException())
            throw new IllegalStateException(binding.getOid() + ": absent");
        System.out.println("." + binding.getOid().toDottedString() + "\t" +
            value.getSyntaxString() + "\t" + (value instanceof OctetString
                ? new String(((OctetString) value).getValue()) : value.toString()));
    }

    static void scalar(Snmp snmp, CommunityTarget<UdpAddress> target, String oid)
            throws Exception {
        PDU pdu = new PDU();
        pdu.setType(PDU.GET);
        pdu.add(new VariableBinding(new OID(oid)));
        ResponseEvent<UdpAddress> event = snmp.send(pdu, target);
        if (event.getResponse() == null || event.getResponse().getErrorStatus() != 0)
            throw new IllegalStateException(oid + ": no response");
        show(event.getResponse().get(0));
    }

    static void table(Snmp snmp, CommunityTarget<UdpAddress> target, String[] words) {
        OID[] columns = new OID[words.length - 1];
        for (int i = 1; i < words.length; i++)
            columns[i - 1] = new OID(words[0] + ".1." + words[i]);
        TableUtils utils = new TableUtils(snmp, new DefaultPDUFactory(PDU.GETBULK));
        utils.setMaxNumColumnsPerPDU(10);
        utils.setMaxNumRowsPerPDU(5);
        for (TableEvent row : utils.getTable(target, columns, null, null)) {
            if (row.isError())
                throw new IllegalStateException(row.getErrorMessage());
            for (VariableBinding binding : row.getColumns())
                show(binding);
        }
    }

    static void walk(int port, String plan) throws Exception {
        Snmp snmp = new Snmp(new DefaultUdpTransportMapping());
        snmp.listen();
        CommunityTarget<UdpAddress> target = new CommunityTarget<>(
            new UdpAddress("127.0.0.1/" + port), new OctetString("public"));
        target.setVersion(SnmpConstants.version2c);
        target.setTimeout(5000);
        for (String line : Files.readAllLines(Path.of(plan))) {
            String[] words = line.split(" ");
            if (words.length == 1)
                scalar(snmp, target, words[0].substring(1));
            else {
                words[0] = words[0].substring(1);
                table(snmp, target, words);
            }
        }
        snmp.close();
    }

    static void receive(int port) throws Exception {
        Snmp snmp = new Snmp(new DefaultUdpTransportMapping(
            new UdpAddress("127.0.0.1/" + port)));
        snmp.addCommandResponder(new CommandResponder() {
            public <A extends Address> void processPdu(CommandResponderEvent<A> event) {
                PDU pdu = event.getPDU();
                System.out.println(pdu.getType() == PDU.INFORM ? "inform" : "trap");
                for (VariableBinding binding : pdu.getVariableBindings())
                    show(binding);
                System.out.println("end");
                if (pdu.getType() == PDU.INFORM)
                    answer(event, pdu);
            }
        });
        snmp.listen();
        System.out.println("ready");
        while (System.in.read() >= 0)
            ;
        System.exit(0);
    }

    static <A extends Address> void answer(CommandResponderEvent<A> event, PDU pdu) {
        PDU response = new PDU(pdu);
        response.setType(PDU.RESPONSE);
        response.setErrorStatus(PDU.noError);
        response.setErrorIndex(0);
        try {
            event.getMessageDispatcher().returnResponsePdu(
                event.getMessageProcessingModel(), event.getSecurityModel(),
                event.getSecurityName(), event.getSecurityLevel(), response,
                event.getMaxSizeResponsePDU(), event.getStateReference(),
                new StatusInformation());
        } catch (org.snmp4j.MessageException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("walk"))
            walk(Integer.parseInt(arguments[1]), arguments[2]);
        else
            receive(Integer.parseInt(arguments[1]));
    }
}
