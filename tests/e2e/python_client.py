"""Call the gateway with python-socketio: URL TRANSPORT KEY, prints JSON."""
import json
import sys

import socketio

url, transport, key = sys.argv[1:]
transports = {"both": None}.get(transport, [transport])
client = socketio.Client(reconnection=False)
refusals = []
client.on("connect_error", refusals.append)
told = {}
try:
    # A refusal is told at once, yet it waits to the end.
    client.connect(url, auth={"psk": key}, transports=transports,
                   wait_timeout=4)
    told["few"] = client.call(
        "fetchMembers", {"select": ["memberRecId", "memberId"]}, timeout=20)
    told["many"] = client.call(
        "fetchProducts", {"include": ["inventory", "itemVendors"]}, timeout=20)
    told["many"] = [row["ivItemRecId"] for row in told["many"]["data"]]
    told["transport"] = client.transport()
    client.disconnect()
except socketio.exceptions.ConnectionError:
    told["refused"] = refusals
print(json.dumps(told))
