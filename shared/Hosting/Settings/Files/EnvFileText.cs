namespace JitsiMesh.Hosting.Settings.Files;

/// <summary>A value of a <c>.env</c> file.</summary>
/// <param name="Text">The value with variables substituted and quotes removed.</param>
/// <param name="Line">The line number, from 1.</param>
public readonly record struct EnvFileValue(string Text, int Line);

/// <summary>The contents of a <c>.env</c> file.</summary>
/// <param name="Values">By name; the last line of a name wins. Empty when there is a <paramref name="Problem"/>.</param>
/// <param name="BadLine">The number of the first line that compose would refuse too, or 0.</param>
/// <param name="Problem">Why, as the end of the sentence "line N …"; null for none. It never repeats a value.</param>
/// <param name="Blanks">Unset variables in values, which count as empty: the name on the line, the variable, the line number.</param>
public sealed record EnvFileText(IReadOnlyDictionary<string, EnvFileValue> Values, int BadLine, string? Problem, IReadOnlyList<(string Name, string Variable, int Line)> Blanks);
