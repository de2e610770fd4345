using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Decides which clients may search for people.</summary>
internal interface IDirectoryAccess
{
    /// <param name="context">The request, with or without a login.</param>
    ValueTask<DirectoryVerdict> JudgeAsync(HttpContext context);
}

/// <summary>Whether a client may search.</summary>
/// <param name="Visitor">Identifies the client for limits; null if it may not search.</param>
/// <param name="Reason">The reason of a refusal, for counters: one of a few fixed names. Empty if the client may search.</param>
/// <param name="IsUndecided">Whether the login could not be checked, so that a retry may succeed.</param>
internal readonly record struct DirectoryVerdict(string? Visitor, string Reason, bool IsUndecided)
{
    public static DirectoryVerdict Admit(string visitor) => new(visitor, "", false);

    public static DirectoryVerdict Refuse(string reason) => new(null, reason, false);

    public static DirectoryVerdict Undecided(string reason) => new(null, reason, true);

    public override string ToString() => Visitor is null ? Reason : "admitted";
}
