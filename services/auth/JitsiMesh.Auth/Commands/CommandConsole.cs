using System.Text;

namespace JitsiMesh.Auth.Commands;

/// <summary>What a command reads and writes.</summary>
/// <param name="In">The standard input.</param>
/// <param name="Out">What was asked for.</param>
/// <param name="Error">Everything else.</param>
/// <param name="IsTerminal">Somebody types: a question can be asked.</param>
/// <param name="ReadKey">One key, without showing it.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error, bool IsTerminal, Func<ConsoleKeyInfo> ReadKey)
{
    public static CommandConsole OfProcess => new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected, () => Console.ReadKey(intercept: true));

    /// <summary>Asks for a password without showing it; null when the question was left with Escape or the input's end.</summary>
    public string? AskHidden(string question)
    {
        Error.Write(question);
        Error.Flush();
        var typed = new StringBuilder();
        while (true)
        {
            var key = ReadKey();
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Escape:
                    Error.WriteLine();
                    return null;
                case ConsoleKey.Backspace:
                    if (typed.Length > 0) typed.Length--;
                    break;
                default:
                    if (key.KeyChar == '\u0004') goto case ConsoleKey.Escape;
                    if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
                    break;
            }
        }
    }
}
