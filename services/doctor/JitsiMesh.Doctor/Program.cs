using System.CommandLine;
using System.Globalization;
using JitsiMesh.Doctor;
using JitsiMesh.Doctor.Reports;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;

var url = new Option<Uri?>("--url")
{
    Description = "The page's address; if missing, PUBLIC_URL, else https://localhost and HTTPS_PORT",
    CustomParser = result =>
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0) return address;
        result.AddError($"--url: '{text}' is no http or https address");
        return null;
    },
};
var insecure = new Option<bool>("--insecure") { Description = "Treat an untrusted certificate as a warning" };
var room = new Option<string?>("--room") { Description = "The room of the call; if missing, a random one" };
var json = new Option<bool>("--json") { Description = "Print only one JSON object" };
var timeout = Seconds("--timeout", 10, "Timeout of each step in seconds");
var seconds = Seconds("--call", 5, "Duration in seconds of the call in which media is counted");

var command = new RootCommand("Examines a running deployment: ports, certificate, signalling, advertised addresses, UDP, and a call of three headless participants. Exits with 1 when a check has failed.")
{
    url, insecure, room, json, timeout, seconds,
};
command.SetAction(async (parsed, _) =>
{
    var options = new DoctorOptions
    {
        Url = parsed.GetValue(url),
        Insecure = parsed.GetValue(insecure),
        Room = parsed.GetValue(room)?.ToLowerInvariant(),
        Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
        CallTime = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
    };
    var asJson = parsed.GetValue(json);
    var report = new Report(asJson ? null : result => Console.WriteLine(Report.Line(result)));
    MeshSettings? settings = null;
    try
    {
        settings = MeshSettings.FromEnvironment();
    }
    catch (SettingsException refusal)
    {
        report.AddRange(refusal.Problems.Select(problem => CheckResult.Failed("settings", problem, "the services do not start with it")));
    }

    // With an address of its own the examination can continue without the settings.
    if (settings is not null || options.Url is not null)
    {
        var examination = new Examination(options, settings ?? MeshSettings.From([]), report, TimeProvider.System, SecureRandomSource.Instance);
        if (!asJson) Console.WriteLine($"Looking at {examination.Page}");
        await examination.RunAsync();
        if (asJson) Console.WriteLine(report.ToJson(examination.Page.ToString()));
    }
    else if (asJson)
    {
        Console.WriteLine(report.ToJson(""));
    }

    if (!asJson) Console.WriteLine(report.Summary());
    return report.IsHealthy ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();

static Option<double> Seconds(string name, double defaultValue, string description) => new(name)
{
    Description = description,
    DefaultValueFactory = _ => defaultValue,
    CustomParser = result =>
    {
        if (double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value is >= 0.5 and <= 600) return value;
        result.AddError($"{name}: '{result.Tokens[0].Value}' is not a number of seconds from 0.5 to 600");
        return 0;
    },
};
