namespace JitsiMesh.Dtls;

internal enum FingerprintVerdict
{
    Match,
    Mismatch,
    Unsupported,
}

internal static class FingerprintCheck
{
    /// <summary>
    /// Only the fingerprints of the strongest listed function count, and one of them must match (RFC 8122 section 5: an endpoint must select the
    /// strongest function that it knows and must not accept a weaker one).
    /// </summary>
    internal static FingerprintVerdict Check(IReadOnlyList<Fingerprint> fingerprints, ReadOnlySpan<byte> certificateDer)
    {
        var strongest = 0;
        foreach (var fingerprint in fingerprints) strongest = Math.Max(strongest, fingerprint.Strength);
        if (strongest == 0) return FingerprintVerdict.Unsupported;
        foreach (var fingerprint in fingerprints)
        {
            if (fingerprint.Strength == strongest && fingerprint.Matches(certificateDer)) return FingerprintVerdict.Match;
        }

        return FingerprintVerdict.Mismatch;
    }
}
