namespace JitsiMesh.Auth.Tokens;

/// <summary>Records the checks of one token in their order, for diagnostics. Logins do not use it.</summary>
internal sealed class TokenCheck
{
    private readonly List<Step> _steps = [];

    public IReadOnlyList<Step> Steps => _steps;

    public void Passed(string name, string detail) => _steps.Add(new Step(name, true, detail));

    public void Failed(string name, TokenRefusal refusal, string? hint = null) =>
        _steps.Add(new Step(name, false, (refusal.Text.Length > 0 ? refusal.Text : refusal.Reason) + (hint is null ? "" : $": {hint}")));

    /// <param name="Name">The checked claim or part.</param>
    /// <param name="IsGood">Whether it passed.</param>
    /// <param name="Detail">The result, or why it failed. It may contain names of the token: only for the operator.</param>
    public readonly record struct Step(string Name, bool IsGood, string Detail);
}
