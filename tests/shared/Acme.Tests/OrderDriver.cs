using System.Security.Cryptography;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Jose;
using JitsiMesh.Acme.Messages;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Kit.Acme;

namespace JitsiMesh.Acme.Tests;

/// <summary>Drives one order against a <see cref="FakeAuthority"/> in virtual time.</summary>
internal sealed class OrderDriver : IDisposable
{
    public OrderDriver()
    {
        Authority = new FakeAuthority(new Uri("https://ca.example/"), () => Now);
    }

    public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public FakeAuthority Authority { get; }

    public AcmeKey AccountKey { get; } = AcmeKey.Create();

    public ECDsa CertificateKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public List<KeepProgress> Kept { get; } = [];

    public List<ChallengeAnswer> Presented { get; } = [];

    public int Counted { get; private set; }

    /// <summary>Changes an answer on its way; null for a lost one.</summary>
    public Func<AcmeRequest, AcmeAnswer, AcmeAnswer?> OnTheWay { get; set; } = (_, answer) => answer;

    public AcmeOrderOptions Options(params string[] names) => new()
    {
        Directory = Authority.Directory,
        AccountKey = AccountKey,
        Email = "ops@example.org",
        Names = names.Length > 0 ? names : ["meet.example.org"],
        CertificateKey = CertificateKey,
        Challenges = [ChallengeKind.Http01, ChallengeKind.TlsAlpn01],
    };

    /// <returns>The last action, Issued or GaveUp.</returns>
    public async Task<AcmeAction> RunAsync(AcmeOrderOptions options, Func<AcmeAction, bool>? stopAt = null)
    {
        var client = new AcmeOrderClient(options);
        var action = client.Start(Now);
        for (var steps = 0; steps < 2000; steps++)
        {
            if (stopAt?.Invoke(action) == true) return action;
            switch (action)
            {
                case SendRequest send:
                    Now += TimeSpan.FromMilliseconds(50);
                    var answer = OnTheWay(send.Request, await Authority.AnswerAsync(send.Request));
                    action = answer is null ? client.Fail(AcmeFault.Timeout, "no answer", Now) : client.Receive(answer, Now);
                    continue;
                case KeepProgress keep:
                    Kept.Add(keep);
                    break;
                case CountOrder:
                    Counted++;
                    break;
                case PresentChallenges present:
                    Presented.AddRange(present.Answers);
                    break;
                case Pause pause:
                    Assert.InRange(pause.Time, TimeSpan.FromSeconds(1), AcmeLimits.LongestPause);
                    Now += pause.Time;
                    break;
                default:
                    return action;
            }

            action = client.Continue(Now);
        }

        throw new InvalidOperationException("It does not end.");
    }

    public async Task<AcmeFailure> FailAsync(AcmeOrderOptions? options = null) => Assert.IsType<GaveUp>(await RunAsync(options ?? Options())).Failure;

    public void Dispose()
    {
        Authority.Dispose();
        AccountKey.Dispose();
        CertificateKey.Dispose();
    }
}
