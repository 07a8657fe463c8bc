"""A pytest plug-in that records the outcome of a session of tests on one device in Claimstamp.

    pytest -p claimstamp_pytest --claimstamp-unit "$SERIAL" --claimstamp-procedure functional-test

All tests passed: passed. A test failed: failed. A fixture or pytest itself failed, nothing ran, or the session was
interrupted: error. Needs claimstamp_results.py from the parent folder on the path.
"""

from claimstamp_results import report


def pytest_addoption(parser):
    group = parser.getgroup("claimstamp")
    group.addoption("--claimstamp-unit", help="Claim ID, S/N or identity of the device under test")
    group.addoption("--claimstamp-procedure", default="pytest", help="name of the test procedure")
    group.addoption("--claimstamp-station", help="name of the test station")
    group.addoption("--claimstamp-reference", help="where the complete result is")


class Session:
    def __init__(self, config):
        self.config = config
        self.failed = self.broken = False

    def pytest_runtest_logreport(self, report):
        if report.failed:
            # A failed set-up or tear-down says nothing about the device.
            self.failed |= report.when == "call"
            self.broken |= report.when != "call"

    def pytest_sessionfinish(self, session, exitstatus):
        # 0: all passed. 1: tests failed. Everything else: the tests could not be completed.
        outcome = "passed" if exitstatus == 0 else "failed" if exitstatus == 1 and self.failed and not self.broken else "error"
        option = self.config.getoption
        report(
            option("--claimstamp-unit"),
            option("--claimstamp-procedure"),
            outcome,
            station=option("--claimstamp-station"),
            reference=option("--claimstamp-reference"),
        )


def pytest_configure(config):
    if config.getoption("--claimstamp-unit"):
        config.pluginmanager.register(Session(config), "claimstamp-session")
