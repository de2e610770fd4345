using JitsiMesh.Xmpp;

namespace JitsiMesh.Jingle.Tests;

/// <summary>Messages as the XEPs print them and as clients send them.</summary>
internal static class Samples
{
    /// <summary>XEP-0176 example 1, with the fingerprint of XEP-0320 example 1.</summary>
    public const string Xep0176 = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='romeo@montague.lit/orchard' sid='a73sjjvkla37jfea'>
          <content creator='initiator' name='this-is-the-audio-content'>
            <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
              <payload-type id='96' name='speex' clockrate='16000'/>
              <payload-type id='97' name='speex' clockrate='8000'/>
              <payload-type id='18' name='G729'/>
              <payload-type channels='2' clockrate='16000' id='103' name='L16'/>
              <payload-type id='98' name='x-ISAC' clockrate='8000'/>
            </description>
            <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
              <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2</fingerprint>
              <candidate component='1' foundation='1' generation='0' id='el0747fg11' ip='10.0.1.1' network='1' port='8998' priority='2130706431' protocol='udp' type='host'/>
              <candidate component='1' foundation='2' generation='0' id='y3s2b30v3r' ip='192.0.2.3' network='1' port='45664' priority='1694498815' protocol='udp' rel-addr='10.0.1.1' rel-port='8998' type='srflx'/>
            </transport>
          </content>
        </jingle>
        """;

    public const string SessionAccept = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-accept' initiator='standup@conference.meet.example/focus' responder='standup@conference.meet.example/a1b2c3d4' sid='7k2q0h1v3m'>
         <group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='audio'/><content name='video'/></group>
         <content creator='responder' name='audio' senders='both'>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
           <payload-type id='111' name='opus' clockrate='48000' channels='2'><parameter name='minptime' value='10'/><rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='transport-cc'/></payload-type>
           <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='501' name='a1b2c3d4-a0'><parameter xmlns='urn:xmpp:jingle:apps:rtp:1' name='msid' value='a1b2c3d4-audio-0-1 9c1f-1'/></source>
           <rtcp-mux/>
           <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='1' uri='urn:ietf:params:rtp-hdrext:ssrc-audio-level'/>
           <extmap-allow-mixed xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0'/>
          </description>
          <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='Jx1+' pwd='secretsecretsecretsecret'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2</fingerprint></transport>
         </content>
         <content creator='responder' name='video' senders='both'>
          <initial-last-n xmlns='jitsi:colibri2' value='20'/>
          <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>
           <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1' name='a1b2c3d4-v0' videoType='camera'><parameter name='msid' value='v t'/></source>
           <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='2' name='a1b2c3d4-v0' videoType='camera'><parameter name='msid' value='v t'/></source>
           <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='3' name='a1b2c3d4-v0' videoType='Desktop'><parameter name='msid' value='v t'/></source>
           <ssrc-group semantics='SIM' xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'><source ssrc='1'/><source ssrc='2'/></ssrc-group>
           <ssrc-group semantics='FID' xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'><source ssrc='1'/><source ssrc='3'/></ssrc-group>
          </description>
         </content>
        </jingle>
        """;

    public const string Restart = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='7k2q0h1v3m'>
         <reason><connectivity-error/><text>ICE FAILED</text></reason><bridge-session xmlns='http://jitsi.org/protocol/focus' id='0f9c' restart='true'/>
        </jingle>
        """;

    public const string CompactAdd = """
        <jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'>
        <json-message xmlns='http://jitsi.org/jitmeet'>{"sources":{"jvb":[[{"s":2711,"n":"jvb-v0","m":"mixedmslabel mixedlabelvideo0"}],[],[{"s":8154,"n":"jvb-a0","m":"mixedmslabel mixedlabelaudio0"}]],"b":[[{"s":1,"n":"b-v0","m":"x y"},{"s":4,"n":"b-v0","m":"x y","v":"d"}],[["f",1,4]],[],[["s",5,6]]]}}</json-message>
        </jingle>
        """;

    public static readonly string[] All = [Xep0176, SessionAccept, Restart, CompactAdd];

    public static JingleMessage Read(string xml)
    {
        Assert.True(JingleParser.TryParse(XmppParser.Parse(xml), out var message, out var error), error.ToString());
        return message;
    }

    public static JingleParseError ErrorOf(string xml)
    {
        Assert.False(JingleParser.TryParse(XmppParser.Parse(xml), out _, out var error));
        return error;
    }
}
