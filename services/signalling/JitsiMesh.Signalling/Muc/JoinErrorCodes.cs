using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Which code of docs/errors.md a refused join has: one condition of XMPP stands for several things there, and people are told one.</summary>
internal static class JoinErrorCodes
{
    /// <summary>The text of a join that is refused for too many wrong passwords.</summary>
    public const string TooManyPasswords = "Too many passwords";

    public static StanzaError WithCode(StanzaError error) => error with { Code = Of(error) };

    private static string Of(StanzaError error) => error switch
    {
        { Condition: "not-authorized" } => "MESH-ROOM-1",
        { Condition: "registration-required" } => "MESH-ROOM-2",
        { Condition: "service-unavailable" } => "MESH-ROOM-3",
        { Condition: "forbidden" } => "MESH-ROOM-4",
        { Condition: "not-allowed", Text: Room.CreationRestricted } => "MESH-ROOM-5",
        { Condition: "not-acceptable", Application.Name: "displayname-required" } => "MESH-ROOM-6",
        { Condition: "resource-constraint", Text: TooManyPasswords } => "MESH-ROOM-8",
        { Condition: "not-allowed", Text: TokenRoomRule.Mismatched } => "MESH-AUTH-5",
        _ => "MESH-ROOM-7",
    };
}
