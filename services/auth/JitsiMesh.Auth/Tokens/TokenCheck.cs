namespace JitsiMesh.Auth.Tokens;

/// <summary>The checks of one token in their order, for whoever wants to know which failed. Logins do without.</summary>
internal sealed class TokenCheck
{
    private readonly List<Step> _steps = [];

    public IReadOnlyList<Step> Steps => _steps;

    public void Passed(string name, string detail) => _steps.Add(new Step(name, true, detail));

    public void Failed(string name, TokenRefusal refusal, string? hint = null) =>
        _steps.Add(new Step(name, false, (refusal.Text.Length > 0 ? refusal.Text : refusal.Reason) + (hint is null ? "" : $": {hint}")));

    /// <param name="Name">The claim or part that was looked at.</param>
    /// <param name="IsGood">Whether it passed.</param>
    /// <param name="Detail">What was found, or why it failed. It may hold names of the token: it is for the operator's eyes.</param>
    public readonly record struct Step(string Name, bool IsGood, string Detail);
}
