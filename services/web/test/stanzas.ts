/** Stanzas as the servers in the field write them. */

export const TRANSPORT = `<transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="9xk2" pwd="3n0fpassword3n0fpassword"><rtcp-mux/><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass" required="false">AB:12:CD</fingerprint><web-socket xmlns="http://jitsi.org/protocol/colibri" url="wss://jvb.meet.test/colibri-ws/jvb-1/5f2d/a1b2c3d4?pwd=s3"/><candidate id="c1" foundation="1" component="1" protocol="udp" priority="2130706431" ip="203.0.113.7" port="10000" type="host" generation="0" network="0"/></transport>`;

const AUDIO = `<description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio" maxptime="60"><payload-type id="111" name="opus" clockrate="48000" channels="2"><parameter name="minptime" value="10"/><parameter name="useinbandfec" value="1"/><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="transport-cc"/></payload-type><payload-type id="126" name="telephone-event" clockrate="8000"/><rtp-hdrext xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0" id="1" uri="urn:ietf:params:rtp-hdrext:ssrc-audio-level"/><rtp-hdrext xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0" id="10" uri="urn:ietf:params:rtp-hdrext:sdes:mid"/><extmap-allow-mixed xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"/><rtcp-mux/></description>`;

const VIDEO = `<description xmlns="urn:xmpp:jingle:apps:rtp:1" media="video"><payload-type id="41" name="AV1" clockrate="90000"><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="nack" subtype="pli"/></payload-type><payload-type id="100" name="VP8" clockrate="90000"><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="ccm" subtype="fir"/></payload-type><payload-type id="107" name="H264" clockrate="90000"><parameter name="profile-level-id" value="42e01f;level-asymmetry-allowed=1;packetization-mode=1;"/></payload-type><payload-type id="42" name="rtx" clockrate="90000"><parameter name="apt" value="41"/></payload-type><payload-type id="96" name="rtx" clockrate="90000"><parameter name="apt" value="100"/></payload-type><rtp-hdrext xmlns="urn:xmpp:jingle:apps:rtp:rtp-hdrext:0" id="3" uri="http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"/><rtcp-mux/></description>`;

export function sessionInitiate(sources: string, { data = true } = {}): string {
  const dataContent = data
    ? `<content creator="initiator" name="data" senders="both"><description xmlns="urn:xmpp:jingle:apps:rtp:1" media="application"><rtcp-mux/></description>${TRANSPORT.replace('</transport>', '<sctpmap xmlns="urn:xmpp:jingle:transports:dtls-sctp:1" number="5000" protocol="webrtc-datachannel" streams="1024"/></transport>')}</content>`
    : '';
  return `<jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" initiator="focus@auth.meet.test/focus" sid="7k2q0h1v3m"><content creator="initiator" name="audio" senders="both">${AUDIO}${TRANSPORT}</content><content creator="initiator" name="video" senders="both">${VIDEO}${TRANSPORT}</content>${dataContent}<group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content name="audio"/><content name="video"/><content name="data"/></group><bridge-session xmlns="http://jitsi.org/protocol/focus" id="0f9c-uuid" region="eu-west"/><json-message xmlns="http://jitsi.org/jitmeet">${sources}</json-message></jingle>`;
}

export const BRIDGE_SOURCES =
  '"jvb":[[{"s":2711,"n":"jvb-v0","m":"mixedmslabel mixedlabelvideo0"}],[],[{"s":8154,"n":"jvb-a0","m":"mixedmslabel mixedlabelaudio0"}]]';
export const ANN_SOURCES =
  '"a1b2c3d4":[[{"s":1001,"n":"a1b2c3d4-v0","m":"m t"},{"s":1002,"n":"a1b2c3d4-v0","m":"m t"}],[["f",1001,1002]],[{"s":1003,"n":"a1b2c3d4-a0","m":"m a"}]]';

export const SOURCE_ADD_XML = `<jingle xmlns="urn:xmpp:jingle:1" action="source-add" sid="7k2q0h1v3m"><content creator="initiator" name="video"><description xmlns="urn:xmpp:jingle:apps:rtp:1" media="video"><source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="2001" name="a1b2c3d4-v1" videoType="desktop"><ssrc-info xmlns="http://jitsi.org/jitmeet" owner="room@conference.meet.test/a1b2c3d4"/><parameter xmlns="urn:xmpp:jingle:apps:rtp:1" name="msid" value="a b"/></source><source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="2002" name="a1b2c3d4-v1" videoType="desktop"><ssrc-info xmlns="http://jitsi.org/jitmeet" owner="a1b2c3d4"/></source><ssrc-group xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" semantics="FID"><source ssrc="2001"/><source ssrc="2002"/></ssrc-group></description></content></jingle>`;

export function presence(
  id: string,
  extra = '',
  { jid = `${id}@meet.test/r`, role = 'participant', affiliation = 'none', status = '' } = {},
): string {
  return `<presence xmlns="jabber:client" from="standup@conference.meet.test/${id}" to="me@meet.test/r">${extra}<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="${affiliation}" role="${role}" jid="${jid}"/>${status}</x></presence>`;
}
