namespace JitsiMesh.Hosting.Tests.Kit;

internal static class Eventually
{
    /// <summary>Polls until a condition holds; fails with the caller's text after the limit.</summary>
    public static async Task HoldsAsync(Func<bool> condition, Func<string> otherwise, int limitSeconds = 60)
    {
        var end = Environment.TickCount64 + (limitSeconds * 1000L);
        while (!condition())
        {
            if (Environment.TickCount64 > end) Assert.Fail(otherwise());
            await Task.Delay(10);
        }
    }
}
