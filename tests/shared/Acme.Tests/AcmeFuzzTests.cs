using System.Text;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Messages;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Primitives;

namespace JitsiMesh.Acme.Tests;

/// <summary>Authorities and clients that send anything: no exception, an end within the bounds.</summary>
public sealed class AcmeFuzzTests
{
    [Fact]
    public async Task Answers_with_changed_octets_end_the_order_and_throw_nothing()
    {
        const ulong Seed = 20;
        var random = new SeededRandomSource(Seed);
        using var driver = new OrderDriver();
        var ends = new Dictionary<string, int>(StringComparer.Ordinal);
        driver.OnTheWay = (_, answer) => random.NextInt(5) == 0 ? Mutate(answer, random) : answer;
        for (var i = 0; i < 400; i++)
        {
            driver.Authority.Requests.Clear();
            var end = await driver.RunAsync(driver.Options() with { PreferredChain = random.NextInt(2) == 0 ? "x" : "" });
            var word = end is GaveUp gaveUp ? gaveUp.Failure.Reason.ToString() : "Issued";
            ends[word] = ends.GetValueOrDefault(word) + 1;
            Assert.InRange(driver.Authority.Requests.Count, 1, AcmeLimits.Requests);
        }

        Assert.True(ends.Count >= 4 && ends.ContainsKey("Issued"), $"seed {Seed}: {string.Join(", ", ends)}");
    }

    [Fact]
    public void A_ClientHello_of_any_octets_throws_nothing()
    {
        const ulong Seed = 21;
        var random = new SeededRandomSource(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var octets = new byte[random.NextInt(400)];
            random.Fill(octets);
            if (octets.Length > 10)
            {
                // Half of them look like a record with a ClientHello of the right length.
                (octets[0], octets[1], octets[2]) = (22, 3, 1);
                if (random.NextInt(2) == 0) (octets[3], octets[4], octets[5], octets[6], octets[7], octets[8]) = ((byte)((octets.Length - 5) >> 8), (byte)(octets.Length - 5), 1, 0, (byte)((octets.Length - 9) >> 8), (byte)(octets.Length - 9));
            }

            _ = ClientHello.IsAcme(octets, out var name);
            Assert.True(name.Length <= 253);
        }
    }

    private static AcmeAnswer Mutate(AcmeAnswer answer, SeededRandomSource random)
    {
        var body = answer.Body.ToArray();
        switch (random.NextInt(8))
        {
            case 0 when body.Length > 0:
                body[random.NextInt(body.Length)] = (byte)random.NextInt(256);
                return answer with { Body = body };
            case 1 when body.Length > 0:
                return answer with { Body = body.AsMemory(0, random.NextInt(body.Length)) };
            case 2:
                return answer with { Status = 100 + random.NextInt(500) };
            case 3:
                return answer with { Nonce = random.NextInt(2) == 0 ? null : "not a nonce" };
            case 4:
                return answer with { Location = random.NextInt(2) == 0 ? null : "https://169.254.169.254/latest" };
            case 5:
                return answer with { Body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", 40))) };
            case 6:
                return answer with { RetryAfter = random.NextInt(2) == 0 ? "-1" : "Wed, 99 Foo" };
            default:
                return answer with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("pending", "\\ud800", StringComparison.Ordinal)) };
        }
    }
}
