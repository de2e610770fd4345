using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Commands;

/// <summary>Reads a new password from the operator: twice on a terminal, otherwise one line of the standard input. Never from an argument, which every process of the machine can read.</summary>
internal static class NewPassword
{
    /// <summary>The minimum length of a user's password, in characters.</summary>
    public const int Characters = 8;

    /// <summary>Octets; the limit of a SASL message.</summary>
    private const int Octets = 1024;

    /// <param name="console">The console to ask on.</param>
    /// <param name="fromInput">Read a line of the standard input, even from a terminal.</param>
    /// <param name="problem">Why no password was read.</param>
    /// <returns>The prepared password, or null.</returns>
    public static string? Read(CommandConsole console, bool fromInput, out string problem)
    {
        string? typed;
        if (fromInput || !console.IsTerminal)
        {
            typed = console.In.ReadLine();

            // Scripts pass the password to prosodyctl twice.
            if (typed is not null && !fromInput && console.In.ReadLine() is { Length: > 0 } again && again != typed)
            {
                problem = "the two passwords differ";
                return null;
            }
        }
        else
        {
            typed = console.ReadPassword("Password: ");
            if (typed is { Length: > 0 } && console.ReadPassword("Once more: ") != typed)
            {
                problem = "the two passwords differ";
                return null;
            }
        }

        if (string.IsNullOrEmpty(typed))
        {
            problem = "no password was given";
            return null;
        }

        return Prepare(typed, out problem);
    }

    public static string? Prepare(string typed, out string problem)
    {
        problem = "";
        if (!SaslPrep.TryPrepare(typed, out var prepared)) problem = "the password has characters that cannot be typed into a login dialog";
        else if (Encoding.UTF8.GetByteCount(prepared) > Octets) problem = FormattableString.Invariant($"the password is longer than {Octets} octets");
        return problem.Length == 0 ? prepared : null;
    }
}
