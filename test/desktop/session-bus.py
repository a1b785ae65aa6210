"""The panel and the notification service of a desktop session, for a test that looks at trays and answers notifications.

Owns org.kde.StatusNotifierWatcher (with a host) and org.freedesktop.Notifications on the session bus, and speaks JSON lines: each line of
standard input is a question {"id", "do", …}, answered by {"id", "answer"} or {"id", "error"}; what happens by itself is told as
{"event", …}. Ends when standard input does.
"""

import base64
import json
import os
import sys
import threading

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, ITEM_PATH = "org.kde.StatusNotifierItem", "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS, NOTIFICATIONS_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"

INTERFACES = Gio.DBusNodeInfo.new_for_xml("""<node>
<interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
  <signal name="StatusNotifierHostUnregistered"/>
</interface>
<interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation">
    <arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/>
  </method>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
    <arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface>
</node>""")

bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
loop = GLib.MainLoop()
items = {}  # the bus name that owns an item -> the service it gave itself
notifications = {}
panel = None  # what keeps our claim to the watcher's name, while there is a panel


saying = threading.Lock()


def say(line):
    with saying:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def signal(path, interface, name, arguments=None):
    bus.emit_signal(None, path, interface, name, arguments)


def called(_bus, sender, _path, _interface, method, arguments, invocation):
    given = arguments.unpack()
    if method == "RegisterStatusNotifierItem":
        items[sender] = given[0]
        signal(WATCHER_PATH, WATCHER, "StatusNotifierItemRegistered", GLib.Variant("(s)", (sender + ITEM_PATH,)))
        say({"event": "item", "owner": sender})
    elif method == "GetCapabilities":
        return invocation.return_value(GLib.Variant("(as)", (["actions", "body"],)))
    elif method == "GetServerInformation":
        return invocation.return_value(GLib.Variant("(ssss)", ("lab", "Mirrorfleet", "1", "1.2")))
    elif method == "Notify":
        return invocation.return_value(GLib.Variant("(u)", (notified(sender, given),)))
    elif method == "CloseNotification":
        close(given[0], 3)
    invocation.return_value(None)


def notified(sender, given):
    app, replaces, icon, summary, body, actions, _hints, timeout = given
    number = replaces or max(notifications, default=0) + 1
    notifications[number] = {
        "number": number, "app": app, "icon": icon, "summary": summary, "body": body, "replaces": replaces,
        "actions": dict(zip(actions[::2], actions[1::2])), "timeout": timeout, "open": True, "owner": sender,
    }
    say({"event": "notification", "number": number})
    return number


def close(number, reason):
    if notifications.get(number, {}).get("open"):
        notifications[number]["open"] = False
        signal(NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed", GLib.Variant("(uu)", (number, reason)))


def read(_bus, _sender, _path, _interface, name):
    return {
        "RegisteredStatusNotifierItems": GLib.Variant("as", [owner + ITEM_PATH for owner in items]),
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
    }[name]


def call(owner, path, interface, method, arguments):
    return bus.call_sync(owner, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()


def properties(owner):
    (found,) = call(owner, ITEM_PATH, "org.freedesktop.DBus.Properties", "GetAll", GLib.Variant("(s)", (ITEM,)))
    pictures = [
        {"width": width, "height": height, "argb": base64.b64encode(bytes(pixels)).decode()}
        for width, height, pixels in found.get("IconPixmap", [])
    ]
    tip = found.get("ToolTip", ("", [], "", ""))
    return {
        "owner": owner, "service": items[owner], "status": found.get("Status"), "name": found.get("Id"),
        "title": found.get("Title"), "toolTip": " ".join(part for part in (tip[2], tip[3]) if part),
        "icons": pictures, "menu": found.get("Menu"),
    }


def entry(node):
    number, found, children = node
    return {
        "number": number, "label": found.get("label", ""), "kind": found.get("type", "standard"),
        "enabled": found.get("enabled", True), "visible": found.get("visible", True), "toggle": found.get("toggle-type", ""),
        "checked": found.get("toggle-state", 0) == 1, "entries": [entry(child) for child in children],
    }


def menu(owner):
    _revision, root = call(owner, properties(owner)["menu"], MENU, "GetLayout", GLib.Variant("(iias)", (0, -1, [])))
    return entry(root)["entries"]


def press(owner, number):
    """Nobody waits for what a click does: a click on Quit leaves no one to answer."""
    data = GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("s", ""), 0))
    bus.call(owner, properties(owner)["menu"], MENU, "Event", data, None, Gio.DBusCallFlags.NONE, -1, None, None)


def act(number, key):
    signal(NOTIFICATIONS_PATH, NOTIFICATIONS, "ActionInvoked", GLib.Variant("(us)", (number, key)))
    close(number, 2)


def set_panel(wanted):
    global panel
    if wanted and panel is None:
        panel = Gio.bus_own_name_on_connection(bus, WATCHER, Gio.BusNameOwnerFlags.NONE, None, None)
    elif not wanted and panel is not None:
        Gio.bus_unown_name(panel)
        panel = None
        items.clear()


def answer(question):
    what = question["do"]
    if what == "items":
        return [properties(owner) for owner in list(items)]
    if what == "menu":
        return menu(question["owner"])
    if what == "press":
        return press(question["owner"], question["number"])
    if what == "activate":
        return call(question["owner"], ITEM_PATH, ITEM, "Activate", GLib.Variant("(ii)", (0, 0)))
    if what == "notifications":
        return list(notifications.values())
    if what == "act":
        return act(question["number"], question["key"])
    if what == "panel":
        return set_panel(question["there"])
    raise ValueError(what)


def hear():
    """Questions are answered beside the main loop: an app that waits for its notification to be taken can still be asked for its menu."""
    for line in sys.stdin:
        question = json.loads(line)
        try:
            say({"id": question["id"], "answer": answer(question)})
        except Exception as error:  # the test decides what a failed question means
            say({"id": question["id"], "error": str(error)})
    loop.quit()


def owner_changed(_bus, _sender, _path, _interface, _signal, arguments):
    name, _before, after = arguments.unpack()
    if after == "" and name in items:
        del items[name]
        say({"event": "item-gone", "owner": name})


def item_signalled(_bus, sender, _path, _interface, name, _arguments):
    say({"event": "changed", "owner": sender, "what": name})


for path, interface in ((WATCHER_PATH, WATCHER), (NOTIFICATIONS_PATH, NOTIFICATIONS)):
    bus.register_object(path, INTERFACES.lookup_interface(interface), called, read, None)
bus.signal_subscribe(None, "org.freedesktop.DBus", "NameOwnerChanged", None, None, 0, owner_changed)
for interface in (ITEM, MENU):
    bus.signal_subscribe(None, interface, None, None, None, 0, item_signalled)
Gio.bus_own_name_on_connection(bus, NOTIFICATIONS, Gio.BusNameOwnerFlags.NONE, None, None)
set_panel("--no-panel" not in sys.argv)
say({"event": "ready", "address": os.environ["DBUS_SESSION_BUS_ADDRESS"]})
threading.Thread(target=hear, daemon=True).start()
loop.run()
