using System.Globalization;

namespace JitsiMesh.Perf.Results;

/// <summary>The rows as a Markdown table that is also readable in a terminal.</summary>
internal static class Table
{
    private static readonly string[] Heads = ["what", "ours", "peer", "ratio", "budget", ""];

    public static void Print(IReadOnlyList<Row> rows, TextWriter output)
    {
        var cells = rows.Select(r => new[] { r.What, r.Ours, r.Peer, Ratio(r.Ratio), r.Budget?.Text ?? "", r.Verdict }).Prepend(Heads).ToList();
        var widths = Enumerable.Range(0, Heads.Length).Select(i => cells.Max(c => c[i].Length)).ToArray();
        for (var i = 0; i < cells.Count; i++)
        {
            output.WriteLine("| " + string.Join(" | ", cells[i].Select((cell, column) => cell.PadRight(widths[column]))) + " |");
            if (i == 0) output.WriteLine("|" + string.Join("|", widths.Select(w => new string('-', w + 2))) + "|");
        }
    }

    public static string Number(double value) => value switch
    {
        double.NaN => "-",
        >= 10_000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    /// <summary>The median, and in brackets the least and the most.</summary>
    public static string Spread(Samples samples, string unit) =>
        samples.Count == 0 ? "-" : samples.Count == 1
            ? $"{Number(samples.Median)} {unit}".TrimEnd()
            : $"{Number(samples.Median)} {unit} ({Number(samples.Least)}..{Number(samples.Most)})".Replace("  ", " ", StringComparison.Ordinal);

    private static string Ratio(double? ratio) => ratio is { } value && !double.IsNaN(value) ? "x" + Number(value) : "";
}
