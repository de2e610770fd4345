using System.Text;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.EdgeProxy.Addresses;

/// <summary>
/// Maps the first part of <c>/tenant/room</c> to one name, used for the rooms' domain in config.js and for the prefix that signalling gets, so that
/// both lead to the same room.
/// </summary>
internal static class TenantName
{
    /// <summary>
    /// The label between the two parts of the rooms' domain (<c>muc.LABEL.meet.jitsi</c>): dots become underscores and letters lower case, as in Jitsi's config.js.
    /// </summary>
    /// <param name="tenant">As in the path, decoded.</param>
    /// <param name="settings">The domains.</param>
    /// <param name="label">Empty for no tenant.</param>
    /// <returns>False when that domain could not be an address: no client could join a room there.</returns>
    public static bool TryLabel(string tenant, MeshSettings settings, out string label)
    {
        label = "";
        if (tenant.Length == 0) return true;

        // Half a surrogate pair and U+FFFE cannot be normalized.
        foreach (var rune in tenant.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || rune.Value == 0xFFFE || (rune.IsAscii && !(Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_' or '.'))) return false;
        }

        label = tenant.Replace('.', '_').ToLowerInvariant().Normalize(NormalizationForm.FormC);
        return Jid.TryCreate(null, MucDomain(label, settings), null, out var domain) && domain.Domain == MucDomain(label, settings);
    }

    /// <param name="label">Of <see cref="TryLabel"/>; empty for the rooms without a tenant.</param>
    /// <param name="settings">The domains.</param>
    public static string MucDomain(string label, MeshSettings settings)
    {
        var muc = settings.XmppMucDomain;
        if (!settings.Get(ClientSettings.SwitchOf("ENABLE_SUBDOMAINS"))) return muc;
        return label.Length == 0 ? $"{muc.Split('.')[0]}.{settings.XmppDomain}" : $"{muc.Split('.')[0]}.{label}.{settings.XmppDomain}";
    }
}
