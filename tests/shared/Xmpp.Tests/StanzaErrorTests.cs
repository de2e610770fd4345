namespace JitsiMesh.Xmpp.Tests;

public sealed class StanzaErrorTests
{
    [Fact]
    public void A_code_comes_last_and_does_not_hide_the_element_of_the_application()
    {
        var error = StanzaError.RegistrationRequired with { Application = new XmppElement("lobbyroom", Namespaces.JitMeet).AddText("room@lobby"), Code = "MESH-ROOM-2" };

        var element = error.ToElement();
        var read = StanzaError.Read(new XmppElement("presence", Namespaces.Client, ("type", "error")).Add(element));

        Assert.Equal(["registration-required", "lobbyroom", "code"], element.Elements.Select(child => child.Name));
        Assert.Equal(("registration-required", StanzaErrorType.Auth, "lobbyroom", "MESH-ROOM-2"), (read.Condition, read.Type, read.Application?.Name, read.Code));
    }

    [Fact]
    public void An_error_without_a_code_has_none()
    {
        var element = StanzaError.ItemNotFound.WithText("none").ToElement();

        Assert.Null(element.Child("code", Namespaces.Errors));
        Assert.Null(StanzaError.Read(new XmppElement("iq", Namespaces.Client).Add(element)).Code);
    }

    [Fact]
    public void A_code_alone_is_no_element_of_the_application()
    {
        var read = StanzaError.Read(new XmppElement("iq", Namespaces.Client).Add((StanzaError.Forbidden with { Code = "MESH-ROOM-4" }).ToElement()));

        Assert.Null(read.Application);
        Assert.Equal("MESH-ROOM-4", read.Code);
    }
}
