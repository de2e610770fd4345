using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>One condition of XMPP stands for several refusals, each with its own code.</summary>
public sealed class JoinErrorCodesTests
{
    public static TheoryData<StanzaError, string> Refusals => new()
    {
        { StanzaError.NotAuthorized, "MESH-ROOM-1" },
        { StanzaError.RegistrationRequired, "MESH-ROOM-2" },
        { StanzaError.ServiceUnavailable, "MESH-ROOM-3" },
        { StanzaError.Forbidden, "MESH-ROOM-4" },
        { StanzaError.NotAllowed.WithText(Room.CreationRestricted), "MESH-ROOM-5" },
        { StanzaError.NotAcceptable with { Application = new XmppElement("displayname-required", Namespaces.JitMeet) }, "MESH-ROOM-6" },
        { StanzaError.NotAcceptable, "MESH-ROOM-7" },
        { StanzaError.Conflict, "MESH-ROOM-7" },
        { StanzaError.NotAllowed, "MESH-ROOM-7" },
        { StanzaError.ResourceConstraint, "MESH-ROOM-7" },
        { StanzaError.ResourceConstraint.WithText(JoinErrorCodes.TooManyPasswords), "MESH-ROOM-8" },
        { StanzaError.NotAllowed.WithText(TokenRoomRule.Mismatched), "MESH-AUTH-5" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refused_join_says_which_one_it_is(StanzaError refusal, string code)
    {
        Assert.Equal(code, JoinErrorCodes.WithCode(refusal).Code);
    }
}
