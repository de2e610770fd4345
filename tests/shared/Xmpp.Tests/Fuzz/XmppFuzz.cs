using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Xmpp.Tests.Fuzz;

/// <summary>Whatever comes in: no exception, and what is accepted can be written and read again.</summary>
public static class XmppFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        var text = Encoding.UTF8.GetString(data);
        if (XmppParser.TryParse(text, out var element, out var error))
        {
            if (error != XmppParseError.None) throw new InvalidOperationException("Accepted with an error.");
            var written = element.ToString();
            if (!XmppParser.TryParse(written, out var again, out _) || again.ToString() != written) throw new InvalidOperationException($"Not stable: {written}");
            _ = StanzaError.Read(element);
            _ = DataForm.Read(element);
            _ = DiscoInfo.Read(element)?.VerificationString();
            _ = XmppFraming.TryReadOpen(element, out _);
        }
        else if (error == XmppParseError.None)
        {
            throw new InvalidOperationException("Refused without an error.");
        }

        if (Jid.TryParse(text, out var jid) && (!Jid.TryParse(jid.ToString(), out var same) || same != jid)) throw new InvalidOperationException($"Preparation is not stable: {jid}");
        _ = SaslPlain.TryParse(text, out _);
        foreach (var hash in ScramHash.All)
        {
            var keys = new ScramCredentials(hash, [1], 4096, new byte[hash.Octets], new byte[hash.Octets]);
            if (!ScramServer.TryReadFirst(data, out var first)) continue;
            var challenge = ScramServer.Challenge(hash, first, keys.Salt, keys.Iterations, "nonce");
            if (!ScramServer.TryReadState(hash, challenge.State, out var again) || again != first) throw new InvalidOperationException($"Another exchange came back: {first.Bare}");
            if (ScramServer.TryFinish(data, challenge.State, keys, out _)) throw new InvalidOperationException("A first message was taken for a proof.");
        }

        foreach (var hash in ScramHash.All)
        {
            if (ScramServer.TryFinish(data, data, new ScramCredentials(hash, [1], 4096, new byte[hash.Octets], new byte[hash.Octets]), out _)) throw new InvalidOperationException("Noise was taken for a proof.");
        }

        if (SaslPrep.TryPrepare(text, out var prepared) && (!SaslPrep.TryPrepare(prepared, out var twice) || twice != prepared)) throw new InvalidOperationException($"SASLprep is not stable: {prepared}");
    }
}
