using System.Diagnostics.Metrics;

namespace JitsiMesh.Auth.Admission;

/// <summary>Counts requests for admission, and logins at an OpenID provider, by outcome.</summary>
internal static class AdmissionCounter
{
    public const string Name = "jitsimesh.auth.admissions";

    private static readonly Meter Meter = new("JitsiMesh.Auth");
    private static readonly Counter<long> Admissions = Meter.CreateCounter<long>(Name, description: "Requests for admission of a session");

    /// <param name="outcome">One of a few fixed names.</param>
    public static void Count(string outcome) => Admissions.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
