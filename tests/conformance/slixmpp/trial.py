"""Logins and a meeting over XMPP on TCP with slixmpp, a client library of other authorship.

trial.py PORT login JID PASSWORD MECHANISM          a login with that mechanism alone
trial.py PORT wrong JID PASSWORD MECHANISM          a login that must be refused with not-authorized
trial.py PORT guest DOMAIN ROOM                     an anonymous login and a join of a room that is open
trial.py PORT meet JID PASSWORD JID PASSWORD ROOM   two people, a conference request, a room, messages, an interrupted connection
trial.py PORT brewery JID PASSWORD ROOM             what a Jibri does at its login, and its presence in its brewery

It ends with 0 when all was as it should be, and else with a line that says what was not.
"""
import asyncio
import ssl
import sys
import uuid
from xml.etree import ElementTree

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout

FOCUS = 'http://jitsi.org/protocol/focus'
JIBRI = 'http://jitsi.org/protocol/jibri'
PATIENCE = 30


class Wrong(Exception):
    pass


class Client(slixmpp.ClientXMPP):
    def __init__(self, port, jid, password='', mechanism=None, management=False):
        super().__init__(jid, password, sasl_mech=mechanism)
        self.address = ('127.0.0.1', port)
        # The certificate is self-signed; a Jibri and a Jigasi take any as well.
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.refusals = []
        self.tls = False
        self.texts = asyncio.Queue()
        for plugin in ('xep_0030', 'xep_0045', 'xep_0199'):
            self.register_plugin(plugin)
        if management:
            self.register_plugin('xep_0198')
        self.add_event_handler('failed_auth', lambda failure: self.refusals.append(failure['condition']))
        self.add_event_handler('tls_success', lambda _: setattr(self, 'tls', True))
        self.add_event_handler('groupchat_message', lambda message: self.texts.put_nowait((message['from'].resource, message['body'])))

    def until(self, *events):
        """The name of the first of these events that comes."""
        seen = asyncio.get_event_loop().create_future()
        for event in events:
            self.add_event_handler(event, lambda data, event=event: seen.done() or seen.set_result((event, data)), disposable=True)
        return asyncio.wait_for(seen, PATIENCE)

    async def log_in(self):
        ended = self.until('session_start', 'failed_all_auth', 'no_auth', 'connection_failed')
        self.connect(self.address)
        event, data = await ended
        if event != 'session_start':
            raise Wrong(f'{event} {data} {self.refusals}')
        if not self.tls and 'starttls' not in self.features:
            raise Wrong('logged in without TLS')
        return self

    async def ask_focus(self, room):
        iq = self.make_iq_set(ito=f'focus.{MAIN}')
        iq.append(ElementTree.Element(f'{{{FOCUS}}}conference', {'room': room, 'machine-uid': uuid.uuid4().hex}))
        answer = await iq.send(timeout=PATIENCE)
        conference = answer.xml.find(f'{{{FOCUS}}}conference')
        if conference is None or conference.get('ready') != 'true':
            raise Wrong(f'the conference is not ready: {answer}')

    async def join(self, room):
        self.nick = uuid.uuid4().hex[:8]
        await self['xep_0045'].join_muc_wait(room, self.nick, timeout=PATIENCE)

    async def hears(self, nick, text):
        while True:
            if await asyncio.wait_for(self.texts.get(), PATIENCE) == (nick, text):
                return

    async def leave(self):
        gone = self.until('disconnected')
        self.disconnect()
        await gone


MAIN = 'meet.jitsi'


async def login(port, jid, password, mechanism):
    client = await Client(port, jid, password, mechanism).log_in()
    if client.boundjid.bare != jid:
        raise Wrong(f'bound as {client.boundjid}')
    client.send_presence()
    roster = await client.get_roster(timeout=PATIENCE)
    if len(roster.xml.find('{jabber:iq:roster}query')) != 0:
        raise Wrong('the roster is not empty')
    await client['xep_0199'].ping(client.boundjid.domain, timeout=PATIENCE)
    info = await client['xep_0030'].get_info(jid=client.boundjid.domain, timeout=PATIENCE)
    if 'urn:xmpp:ping' not in info['disco_info']['features']:
        raise Wrong('no ping among the features')
    try:
        await client.make_iq_get(queryxmlns='jabber:iq:privacy').send(timeout=PATIENCE)
        raise Wrong('privacy lists were answered')
    except IqError as error:
        if error.condition != 'service-unavailable':
            raise Wrong(f'privacy lists: {error.condition}') from error
    await client.leave()


async def wrong(port, jid, password, mechanism):
    client = Client(port, jid, password, mechanism)
    ended = client.until('session_start', 'failed_all_auth', 'no_auth', 'connection_failed')
    client.connect(client.address)
    event, _ = await ended
    if event == 'session_start' or client.refusals != ['not-authorized']:
        raise Wrong(f'{event}, refused with {client.refusals}')
    client.abort()


async def guest(port, domain, room):
    client = await Client(port, domain).log_in()
    if client.boundjid.domain != domain or not client.boundjid.user:
        raise Wrong(f'bound as {client.boundjid}')
    await client.join(room)
    client.send_message(room, 'a guest speaks', mtype='groupchat')
    await client.hears(client.nick, 'a guest speaks')
    await client.leave()


async def meet(port, jid, password, other, other_password, room):
    ann = await Client(port, jid, password, management=True).log_in()
    await ann.ask_focus(room)
    await ann.join(room)
    bob = await Client(port, other, other_password).log_in()
    await bob.ask_focus(room)
    await bob.join(room)
    ann.send_message(room, 'é👍 <&>', mtype='groupchat')
    await bob.hears(ann.nick, 'é👍 <&>')
    bob.send_message(room, 'hello', mtype='groupchat')
    await ann.hears(bob.nick, 'hello')

    # A connection that breaks: the session goes on (XEP-0198), and nobody sees a leave.
    resumed = ann.until('session_resumed', 'session_start', 'failed_all_auth')
    gone = ann.until('disconnected')
    ann.abort()
    await gone
    bob.send_message(room, 'are you there?', mtype='groupchat')
    ann.connect(ann.address)
    event, _ = await resumed
    if event != 'session_resumed':
        raise Wrong(f'after the break: {event}')
    await ann.hears(bob.nick, 'are you there?')
    ann.send_message(room, 'yes', mtype='groupchat')
    await bob.hears(ann.nick, 'yes')

    # Somebody without an account, in the room that is open.
    await guest(port, f'guest.{MAIN}', room)
    left = bob.until(f'muc::{room}::got_offline')
    await ann.leave()
    await left
    await bob.leave()


async def brewery(port, jid, password, room):
    client = await Client(port, jid, password).log_in()
    status = ElementTree.Element(f'{{{JIBRI}}}jibri-status')
    ElementTree.SubElement(status, f'{{{JIBRI}}}busy-status', {'status': 'idle'})
    ElementTree.SubElement(status, '{http://jitsi.org/protocol/health}health-status', {'status': 'healthy'})
    joined = client.until(f'muc::{room}::got_online', f'muc::{room}::presence-error')
    # The plugin tells of rooms that it has joined itself, and a Jibri says its status with its first presence.
    client['xep_0045'].rooms[room] = {}
    presence = client.make_presence(pto=f'{room}/jibri-1')
    presence.append(ElementTree.Element('{http://jabber.org/protocol/muc}x'))
    presence.append(status)
    presence.send()
    event, data = await joined
    if event.endswith('error') or data.xml.find(f'{{{JIBRI}}}jibri-status/{{{JIBRI}}}busy-status') is None:
        raise Wrong(f'{event}: {data}')
    await client.leave()


def main():
    port, scenario = int(sys.argv[1]), sys.argv[2]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(asyncio.wait_for({'login': login, 'wrong': wrong, 'guest': guest, 'meet': meet, 'brewery': brewery}[scenario](port, *sys.argv[3:]), 4 * PATIENCE))
    except (Wrong, IqError, IqTimeout, asyncio.TimeoutError) as failure:
        print(f'FAILED: {scenario}: {type(failure).__name__} {failure}')
        return 1
    print(f'{scenario}: as it should be')
    return 0


if __name__ == '__main__':
    sys.exit(main())
