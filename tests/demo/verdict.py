"""The last word of the demo: is the newest push done, and did the board agree with every address?"""

import json
import sys

job = json.load(sys.stdin)
proof = (job.get("report") or {}).get("proof", {})
asked, differences = proof.get("addresses", 0), proof.get("differences")
if job["state"] != "done" or not asked or differences != []:
    sys.exit(f"The push is {job['state']}; the board was asked {asked} addresses, differences: {differences}")
print(f"Done: the board's MMU agrees on all {asked} addresses.")
