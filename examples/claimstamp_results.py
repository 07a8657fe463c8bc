"""Records results of tests in Claimstamp. Needs only the standard library of Python 3.8 or newer.

The settings are CLAIMSTAMP_URL (such as http://factory:4100) and CLAIMSTAMP_TOKEN (a token with the scope
tests:report).
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

TRIES = 10
TIMEOUT_S = 10
WAIT_S = 2


def report(code, procedure, outcome, url=None, token=None, **more):
    """Records a result and returns the answer of the service.

    code: Claim ID, S/N or an identity of the device, such as its MAC. outcome: "passed", "failed" or "error" (the test
    could not be completed). more: at, station, operator, firmware={"version": …, "sha256": …}, reference.

    Tries again while the service does not answer. The Idempotency-Key makes the service record the result once. Raises
    RuntimeError with the service's message if it refuses the result.
    """
    url = (url or os.environ["CLAIMSTAMP_URL"]).rstrip("/")
    body = {"procedure": procedure, "outcome": outcome}
    body.update({name: value for name, value in more.items() if value is not None})
    request = urllib.request.Request(
        f"{url}/v1/units/{urllib.parse.quote(code, safe='')}/results",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token or os.environ['CLAIMSTAMP_TOKEN']}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    for attempt in range(TRIES):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace")
            if refused.code not in (409, 429, 503, 507) or "unit-ended" in said or attempt == TRIES - 1:
                raise RuntimeError(f"Claimstamp refused the result ({refused.code}): {said}") from None
        except OSError:
            if attempt == TRIES - 1:
                raise
        time.sleep(WAIT_S)
