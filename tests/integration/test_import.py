# SPDX-License-Identifier: BSD-2-Clause
"""dmports import on copies of DataMiner's folders: a made-up system of four Agents, and
folders that are none, or that are hostile."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ.get("DMP_SOURCE_DIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
DMPORTS = os.environ.get("DMPORTS") or (sys.argv.pop(1) if len(sys.argv) > 1 else "")
DATA = os.path.join(SOURCE, "tests", "integration", "data")
FOUR = ("dma1", "dma2", "dma3/Skyline DataMiner", "dma4")
DMS = '<DMS><DMA ip="192.0.2.11"/></DMS>'


def run(*words, cwd=None):
    """Run dmports; returns its exit code, standard output and standard error."""
    done = subprocess.run([DMPORTS, *words], capture_output=True, text=True,
                          timeout=60, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


class FourAgents(unittest.TestCase):
    """Two Agents as a Failover pair and two more; a Cassandra cluster, search nodes,
    CloudGateway, legacy NATS with the Account Server on 9190, a redirect."""

    @classmethod
    def setUpClass(cls):
        cls.code, cls.site, cls.notes = run(
            "import", *FOUR, cwd=os.path.join(DATA, "four-agents"))

    def golden(self, name, text):
        path = os.path.join(DATA, name)
        if os.environ.get("DMP_GOLDEN_WRITE"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(text, file.read())

    def site_file(self, vantage="observer"):
        folder = tempfile.mkdtemp(prefix="dmp-import-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "site.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.site.replace("<site ", f'<site vantage="{vantage}" '))
        return path

    def test_the_site_file_is_the_golden_one(self):
        self.assertEqual(self.code, 0, self.notes)
        self.golden("four-agents.site.xml", self.site)

    def test_the_messages_are_the_golden_ones(self):
        self.golden("four-agents.notes", self.notes)

    def test_no_planted_secret_is_printed(self):
        planted = 0
        for folder, _, names in os.walk(os.path.join(DATA, "four-agents")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                planted += content.replace(b"\0", b"").count(b"PLANTED")
        self.assertGreater(planted, 80)
        self.assertNotIn("PLANTED", self.site + self.notes)

    def test_config_check_accepts_it_without_notes(self):
        code, out, err = run("config", "check", self.site_file())
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.count("\n"), 1, out)

    def test_the_plan_has_what_the_files_say(self):
        code, out, err = run("plan", "--site", self.site_file(), "--format", "csv")
        self.assertEqual(code, 0, err)
        for key in ("192.0.2.14/nats-account-server", "192.0.2.14/snmp-trap",
                    "198.51.100.7/elasticsearch-http", "198.51.100.1/cassandra-cql",
                    "198.51.100.20/offload-sql-server", "192.0.2.13/cloud-endpoint",
                    "198.51.100.40/snmp-forward", "mail.example.org/smtp"):
            self.assertIn(key, out)
        rows = [line for line in out.splitlines() if "/nats-account-server" in line]
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertIn("9190", row)

    def test_the_redirect_decides_for_its_direction(self):
        for source, expected in (("192.0.2.13", {"grpc": "8443"}),
                                 ("192.0.2.11", {"remoting": "8005"})):
            code, out, err = run("plan", "--site", self.site_file(source),
                                 "--host", "192.0.2.14", "--format", "json")
            self.assertEqual(code, 0, err)
            self.assertEqual(
                {row["requirement"]: str(row["port"]) for row in json.loads(out)
                 if row["requirement"] in ("grpc", "remoting")}, expected, out)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dmp-import-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text=DMS):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_a_folder_that_is_none_tells_what_was_expected(self):
        code, out, err = run("import", self.folder)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("does not look like a copy of a DataMiner machine", err)
        self.assertIn("DMS.xml", err)
        self.assertIn("C:\\Skyline DataMiner", err)

    def test_program_files_of_others_are_no_sign_of_dataminer(self):
        self.write("Program Files/Other/x.json", "{}")
        self.assertEqual(run("import", self.folder)[0], 2)

    def test_a_folder_that_is_not_there_is_an_error(self):
        code, out, err = run("import", self.path("gone"))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("No such file", err)

    def test_without_a_folder_it_says_what_it_wants(self):
        code, out, err = run("import")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("Skyline DataMiner", err)

    def test_names_are_found_in_any_letter_case(self):
        self.write("SKYLINE dataminer/dms.XML")
        self.write("SKYLINE dataminer/nats/NATS-account-server/NAS.config",
                   "http: { port: 9191 }")
        code, out, err = run("import", self.folder)
        self.assertEqual(code, 0, err)
        self.assertIn('"nats-account-server" port="9191"', out)

    def test_a_copy_may_have_the_drive_in_it(self):
        self.write("C/Skyline DataMiner/DMS.xml")
        self.write("C/Program Files/Skyline Communications/"
                   "DataMiner CloudGateway/appsettings.json", "{}")
        code, out, err = run("import", self.folder)
        self.assertEqual(code, 0, err)
        self.assertIn('roles="dma cloud-gateway"', out)

    def test_siblings_are_read_beside_a_folder_of_that_name_only(self):
        self.write("Program Files/Skyline Communications/"
                   "DataMiner CloudGateway/appsettings.json", "{}")
        self.write("Skyline DataMiner/DMS.xml")
        self.write("dma9/DMS.xml")
        self.assertIn("cloud-gateway",
                      run("import", self.path("Skyline DataMiner"))[1])
        self.assertNotIn("cloud-gateway", run("import", self.path("dma9"))[1])

    def test_symbolic_links_are_not_followed(self):
        secret = self.write("outside/nas.config", "http: { port: 9999 }")
        self.write("dma/DMS.xml")
        os.makedirs(self.path("dma/NATS/nats-account-server"))
        os.symlink(secret, self.path("dma/NATS/nats-account-server/nas.config"))
        os.symlink(self.path("outside"), self.path("dma/Files"))
        code, out, err = run("import", self.path("dma"))
        self.assertEqual(code, 1)
        self.assertNotIn("9999", out)
        self.assertIn("nas.config of dma: a symbolic link", err)
        self.assertIn("SLNet.exe.config of dma: a symbolic link", err)

    def test_a_fifo_does_not_block(self):
        self.write("dma/DMS.xml")
        os.mkfifo(self.path("dma/DB.xml"))
        code, out, err = run("import", self.path("dma"))
        self.assertEqual(code, 1)
        self.assertIn("<host", out)
        self.assertIn("DB.xml of dma: a symbolic link, or no regular file", err)

    def test_a_large_file_is_not_read(self):
        self.write("dma/DMS.xml")
        self.write("dma/DB.xml", " " * (1024 * 1024 + 1))
        code, _, err = run("import", self.path("dma"))
        self.assertEqual(code, 1)
        self.assertIn("DB.xml of dma: the file is too large, at most 1 MiB", err)

    def test_the_spelling_of_the_documentation_goes_first(self):
        self.write("dma/DMS.xml")
        self.write("dma/dms.xml", '<DMS><DMA ip="192.0.2.99"/></DMS>')
        out = run("import", self.path("dma"))[1]
        self.assertIn("192.0.2.11", out)
        self.assertNotIn("192.0.2.99", out)

    def test_a_machine_without_an_address_is_no_site(self):
        self.write("dma/DB.xml", "<DataBases/>")
        code, out, err = run("import", self.path("dma"))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("no file tells the address", err)

    def test_a_folder_named_as_an_address_has_it(self):
        self.write("192.0.2.31/ProgramData/Skyline Communications/DataMiner/"
                   "MessageBrokerConfig.json", "{}")
        code, out, err = run("import", self.path("192.0.2.31"))
        self.assertEqual(code, 0, err)
        self.assertIn('address="192.0.2.31" roles="dxm"', out)

    def test_too_many_folders_are_refused(self):
        self.write("dma/DMS.xml")
        code, out, err = run("import", *[self.path("dma")] * 65)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("too many folders, at most 64", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
