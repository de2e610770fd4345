using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.Permissions;

/// <summary>The one rule for features: who came with features needs the feature; who came without needs to be moderator.</summary>
public static class Permission
{
    /// <summary>What a moderator without token features may do (jitsi_default_permissions).</summary>
    public static readonly IReadOnlyList<string> Defaults =
    [
        "livestreaming", "recording", "transcription", "outbound-call", "create-polls", "send-groupchat", "flip", "live-translation", "live-translation-subscribe",
    ];

    public static bool Has(Occupant occupant, string feature) => occupant.Features is { } features ? IsTrue(features, feature) : occupant.IsModerator;

    /// <summary>true or "true" under the name.</summary>
    public static bool IsTrue(string features, string feature) => JsonText.TryObject(features)?[feature]?.IsTrue == true;
}
