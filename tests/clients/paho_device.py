"""A device made with paho-mqtt: the whole conversation, one line of JSON for each step.

    paho_device.py HOST PORT CA_FILE DEVICE_ID ID_IN_TOPICS AUTH_TYPE PASSWORD TIMESTAMP

Exits with 0 if every step came to its end. The platform must send one command when it is subscribed.
"""

import json
import queue
import sys

import paho.mqtt.client as mqtt

PATIENCE = 15


def client(name, user, password, ca, events):
    """A client whose callbacks go into a queue."""
    versions = getattr(mqtt, "CallbackAPIVersion", None)
    made = mqtt.Client(versions.VERSION1, name) if versions else mqtt.Client(name)
    made.username_pw_set(user, password)
    made.tls_set(ca_certs=ca)
    made.on_connect = lambda _c, _u, _f, code: events.put(("connected", code))
    made.on_subscribe = lambda _c, _u, _id, granted: events.put(("subscribed", list(granted)))
    made.on_publish = lambda _c, _u, _id: events.put(("acknowledged", None))
    made.on_message = lambda _c, _u, message: events.put(("command", message.payload))
    made.on_disconnect = lambda _c, _u, code: events.put(("disconnected", code))
    return made


def expect(events, wanted):
    """The next event, which must be of a kind."""
    kind, value = events.get(timeout=PATIENCE)
    if kind != wanted:
        sys.exit(f"expected {wanted}, got {kind} {value!r}")
    return value


def say(step, value):
    print(json.dumps({"step": step, "value": value}), flush=True)


def main():
    host, port, ca, _device, name, auth, password, timestamp = sys.argv[1:]
    data, commands = f"/huawei/v1/devices/{name}/data/json", f"/huawei/v1/devices/{name}/command/json"
    client_id = f"{name}_{auth}_0_{timestamp}"

    # A refused login.
    events = queue.Queue()
    stranger = client(client_id, name, "wrong", ca, events)
    stranger.connect(host, int(port))
    stranger.loop_start()
    say("refused", expect(events, "connected"))
    stranger.disconnect()
    stranger.loop_stop()

    events = queue.Queue()
    device = client(client_id, name, password, ca, events)
    device.connect(host, int(port), keepalive=30)
    device.loop_start()
    say("connected", expect(events, "connected"))
    device.subscribe("/huawei/v1/devices/another/command/json", 1)
    say("foreign", expect(events, "subscribed"))
    report = {"msgType": "deviceReq", "data": [{"serviceId": "Light", "serviceData": {"brightness": 81}}]}
    device.publish(data, json.dumps(report), 1)
    expect(events, "acknowledged")
    say("reported", 81)
    device.subscribe(commands, 1)
    say("subscribed", expect(events, "subscribed"))
    command = json.loads(expect(events, "command"))
    say("command", command)
    answer = {"msgType": "deviceRsp", "mid": command["mid"], "errcode": 0, "body": {"value": 4}}
    device.publish(data, json.dumps(answer), 1)
    expect(events, "acknowledged")
    say("answered", command["mid"])

    # A takeover. The elder must not come back, or the two would go on for ever.
    device.on_disconnect = lambda c, _u, code: (c.disconnect(), events.put(("disconnected", code)))
    younger_events = queue.Queue()
    younger = client(client_id, name, password, ca, younger_events)
    younger.connect(host, int(port))
    younger.loop_start()
    say("younger", expect(younger_events, "connected"))
    expect(events, "disconnected")
    say("taken over", True)
    device.loop_stop()
    younger.publish(data, json.dumps(report), 1)
    expect(younger_events, "acknowledged")
    say("younger lives", True)
    younger.disconnect()
    younger.loop_stop()


main()
