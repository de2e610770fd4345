using System.Text;

namespace JitsiMesh.Auth.Commands;

/// <summary>Input and output of a command.</summary>
/// <param name="In">The standard input.</param>
/// <param name="Out">The command's result.</param>
/// <param name="Error">All other messages.</param>
/// <param name="IsTerminal">Whether a user can answer questions.</param>
/// <param name="ReadKey">Reads one key without echo.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error, bool IsTerminal, Func<ConsoleKeyInfo> ReadKey)
{
    public static CommandConsole OfProcess => new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected, () => Console.ReadKey(intercept: true));

    /// <summary>Asks for a password without echo; null when the user cancels with Escape or the input ends.</summary>
    public string? ReadPassword(string question)
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
