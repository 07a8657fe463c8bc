"""An OpenHTF output callback that records the outcome of each test in Claimstamp.

    import openhtf as htf
    from claimstamp_output import ClaimstampOutput

    test = htf.Test(power_up, radio)
    test.add_output_callbacks(ClaimstampOutput(procedure="functional-test"))
    test.execute(test_start=lambda: input("S/N: "))

The DUT id of the test is the Claim ID, the S/N or an identity of the device. Needs claimstamp_results.py from the
parent folder on the path.
"""

from datetime import datetime, timezone

from claimstamp_results import report

OUTCOMES = {"PASS": "passed", "FAIL": "failed"}


class ClaimstampOutput:
    def __init__(self, procedure=None, firmware=None, reference=None, **how):
        """procedure: default is the name of the test. firmware: {"version": …, "sha256": …}. reference: a text, or a
        function of the test record. how: url and token, if not from the environment."""
        self.procedure, self.firmware, self.reference, self.how = procedure, firmware, reference, how

    def __call__(self, record):
        outcome = getattr(record.outcome, "name", record.outcome)
        ended = datetime.fromtimestamp(record.end_time_millis / 1000, timezone.utc)
        return report(
            record.dut_id,
            self.procedure or record.metadata.get("test_name", "openhtf"),
            OUTCOMES.get(outcome, "error"),
            at=ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
            station=record.station_id,
            operator=record.metadata.get("operator"),
            firmware=self.firmware,
            reference=self.reference(record) if callable(self.reference) else self.reference,
            **self.how,
        )
