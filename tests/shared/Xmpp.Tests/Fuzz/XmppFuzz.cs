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
        var server = new ScramSha1Server();
        if (server.TryReadFirst(text)) _ = server.Challenge(new ScramCredentials([1], 4096, new byte[20], new byte[20]), "nonce");
        _ = server.TryFinish(text, out _);
    }
}
