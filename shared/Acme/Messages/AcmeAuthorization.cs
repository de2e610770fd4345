using System.Diagnostics.CodeAnalysis;
using JitsiMesh.Acme.Challenges;

namespace JitsiMesh.Acme.Messages;

/// <summary>One challenge of an authorization (RFC 8555 section 8).</summary>
internal sealed record AcmeChallenge(ChallengeKind Kind, Uri Url, string Token, AcmeProblem? Error);

/// <summary>An authorization (RFC 8555 section 7.1.4).</summary>
/// <param name="Name">The DNS name.</param>
/// <param name="Status">Its state.</param>
/// <param name="Challenges">The challenges of supported kinds.</param>
/// <param name="Offered">All kinds that the authority offers, supported or not, for error texts.</param>
internal sealed record AcmeAuthorization(string Name, AcmeStatus Status, IReadOnlyList<AcmeChallenge> Challenges, string Offered)
{
    public static bool TryRead(ReadOnlyMemory<byte> body, Uri directory, [NotNullWhen(true)] out AcmeAuthorization? authorization)
    {
        authorization = null;
        if (!JsonReading.TryRead(body, out var document)) return false;
        using (document)
        {
            var root = document.RootElement;
            var status = AcmeOrder.StatusOf(root.Text("status"));
            if (status == AcmeStatus.Unknown || root.Member("identifier") is not { } identifier || identifier.Text("type") != "dns" || identifier.Text("value") is not { } name) return false;
            var challenges = new List<AcmeChallenge>();
            var offered = new List<string>();
            foreach (var item in root.Items("challenges", AcmeLimits.Challenges))
            {
                var type = item.Text("type") ?? "";
                offered.Add(AcmeProblem.OneLine(type));
                if (!ChallengeKinds.TryRead(type, out var kind) || item.Text("token") is not { } token || !IsToken(token) || !AuthorityUrl.TryRead(item.Text("url"), directory, out var url)) continue;
                challenges.Add(new AcmeChallenge(kind, url, token, item.Member("error") is { } error ? AcmeProblem.Read(error) : null));
            }

            authorization = new AcmeAuthorization(name.ToLowerInvariant(), status, challenges, string.Join(", ", offered));
            return true;
        }
    }

    /// <summary>Whether a text uses only the alphabet of base64url, the only one allowed in tokens and nonces (sections 6.5.1 and 8.3). It becomes part of a path.</summary>
    internal static bool IsToken([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= AcmeLimits.TokenCharacters } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
