namespace JitsiMesh.Xmpp.Tests;

public sealed class DiscoInfoTests
{
    [Fact]
    public void Xep0115_5_2_SimpleExample()
    {
        var info = new DiscoInfo();
        info.Identities.Add(new DiscoIdentity("client", "pc", "Exodus 0.9.1"));
        info.Features.AddRange(["http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/muc"]);
        Assert.Equal("QgayPKawpkPSDYmwT/WM94uAlu0=", info.VerificationString());
    }

    [Fact]
    public void Xep0115_5_3_ComplexExample()
    {
        const string Text = """
            <query xmlns='http://jabber.org/protocol/disco#info'>
              <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
              <identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>
              <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>
              <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>
              <x xmlns='jabber:x:data' type='result'>
                <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
                <field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>
                <field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>
                <field var='software'><value>Psi</value></field><field var='software_version'><value>0.11</value></field>
              </x>
            </query>
            """;
        Assert.Equal("q07IKJEyjvHSyhy//CH0CxmKi8w=", DiscoInfo.Read(XmppParser.Parse(Text))!.VerificationString());
    }

    [Fact]
    public void A_form_keeps_its_fields_over_writing_and_reading()
    {
        var form = new DataForm("form").AddFormType("urn:x").AddBoolean("on", true).Add("text", "a & b");
        var read = DataForm.Read(XmppParser.Parse(form.ToElement().ToString()))!;
        Assert.Equal("urn:x", read.FormType);
        Assert.True(read.Boolean("on"));
        Assert.Equal("a & b", read["text"]);
        Assert.Null(read["absent"]);
        Assert.Null(read.Boolean("text"));
    }

    [Fact]
    public void Framing_is_spelled_as_the_client_expects()
    {
        Assert.StartsWith("<open ", XmppFraming.Open("meet.jitsi", "1"), StringComparison.Ordinal);
        Assert.Equal("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />", XmppFraming.Close);
        Assert.Equal(
            "<stream:error xmlns:stream=\"http://etherx.jabber.org/streams\"><policy-violation xmlns=\"urn:ietf:params:xml:ns:xmpp-streams\"/></stream:error>",
            XmppFraming.StreamError("policy-violation").ToString());
    }
}
