using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Acme.Messages;

internal enum AcmeStatus
{
    Unknown,
    Pending,
    Ready,
    Processing,
    Valid,
    Invalid,
}

/// <summary>An order (RFC 8555 section 7.1.3).</summary>
/// <param name="Status">Its state.</param>
/// <param name="Authorizations">The authorizations that it waits for.</param>
/// <param name="Finalize">The URL for the signing request.</param>
/// <param name="Certificate">The URL of the chain, once the order is valid.</param>
/// <param name="Error">The reason if it is invalid.</param>
internal sealed record AcmeOrder(AcmeStatus Status, IReadOnlyList<Uri> Authorizations, Uri Finalize, Uri? Certificate, AcmeProblem? Error)
{
    public static bool TryRead(ReadOnlyMemory<byte> body, Uri directory, [NotNullWhen(true)] out AcmeOrder? order)
    {
        order = null;
        if (!JsonReading.TryRead(body, out var document)) return false;
        using (document)
        {
            var root = document.RootElement;
            var status = StatusOf(root.Text("status"));
            if (status == AcmeStatus.Unknown || !AuthorityUrl.TryRead(root.Text("finalize"), directory, out var finalize)) return false;
            var authorizations = new List<Uri>();
            foreach (var item in root.Items("authorizations", AcmeLimits.Identifiers + 1))
            {
                if (!AuthorityUrl.TryRead(item.Text(), directory, out var url)) return false;
                authorizations.Add(url);
            }

            if (authorizations.Count is 0 or > AcmeLimits.Identifiers) return false;
            var certificate = AuthorityUrl.TryRead(root.Text("certificate"), directory, out var at) ? at : null;
            if (status == AcmeStatus.Valid && certificate is null) return false;
            order = new AcmeOrder(status, authorizations, finalize, certificate, root.Member("error") is { } error ? AcmeProblem.Read(error) : null);
            return true;
        }
    }

    internal static AcmeStatus StatusOf(string? text) => text switch
    {
        "pending" => AcmeStatus.Pending,
        "ready" => AcmeStatus.Ready,
        "processing" => AcmeStatus.Processing,
        "valid" => AcmeStatus.Valid,
        "invalid" or "expired" or "revoked" or "deactivated" => AcmeStatus.Invalid,
        _ => AcmeStatus.Unknown,
    };
}
