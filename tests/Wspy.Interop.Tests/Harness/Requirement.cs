using System.ComponentModel;
using System.Diagnostics;

namespace Wspy.Interop.Tests.Harness;

/// <summary>A program that a test needs beside the SDK, and how a person gets it.</summary>
internal sealed class Requirement(string what, string install, Func<bool> isMet)
{
    private readonly Lazy<bool> _isMet = new(isMet);

    public static Requirement Node { get; } = new("Node.js 18 or later", "apt-get install nodejs npm", () => Succeeds("node", "--version"));

    public static Requirement Ws { get; } = new("the npm package ws", "npm ci --prefix tests/Wspy.Interop.Tests/peers", () => File.Exists(Path.Combine(Tree.Peers, "node_modules/ws/package.json")));

    public static Requirement Websockets { get; } = new("the Python package websockets for /usr/bin/python3", "apt-get install python3-websockets", () => Succeeds("/usr/bin/python3", "-c", "import websockets"));

    public static Requirement Curl { get; } = new("curl", "apt-get install curl", () => Succeeds("curl", "--version"));

    public static Requirement OpenSsl { get; } = new("openssl", "apt-get install openssl", () => Succeeds("openssl", "version"));

    public static Requirement SocketActivation { get; } = new("systemd-socket-activate", "apt-get install systemd", () => Succeeds("systemd-socket-activate", "--version"));

    public static Requirement Nginx { get; } = new("nginx", "apt-get install nginx-light", () => NginxProgram is not null);

    public static Requirement Haproxy { get; } = new("haproxy", "apt-get install haproxy", () => File.Exists("/usr/sbin/haproxy"));

    public static Requirement Squid { get; } = new("squid", "apt-get install squid", () => File.Exists("/usr/sbin/squid"));

    public static Requirement Tinyproxy { get; } = new("tinyproxy", "apt-get install tinyproxy", () => Succeeds("tinyproxy", "-v"));

    public static Requirement Microsocks { get; } = new("microsocks", "apt-get install microsocks", () => File.Exists("/usr/bin/microsocks"));

    public static Requirement Dante { get; } = new("dante's danted", "apt-get install dante-server", () => File.Exists("/usr/sbin/danted"));

    public static Requirement Strace { get; } = new("strace, and the right to trace what it starts", "apt-get install strace", () => Succeeds("strace", "-qq", "-o", "/dev/null", "true"));

    public static Requirement Chromium { get; } = new("Chromium at /usr/bin/chromium", "apt-get install chromium", () => File.Exists(Browser.Executable));

    /// <summary>Where nginx is: the folder of programs for administrators is not on everybody's path.</summary>
    public static string? NginxProgram => new[] { "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists);

    /// <summary>What to tell a person when this is missing; null when it is there.</summary>
    public string? Missing => _isMet.Value ? null : $"This test needs {what}. Install it with: {install}";

    /// <summary>Skips the test, saying why, when something is missing; with CI=true the test fails, since nothing may be skipped there.</summary>
    public static void Need(params IEnumerable<Requirement> requirements) => Need(Environment.GetEnvironmentVariable("CI") == "true", requirements);

    internal static void Need(bool inCI, params IEnumerable<Requirement> requirements)
    {
        string message = string.Join(Environment.NewLine, requirements.Select(requirement => requirement.Missing).OfType<string>());
        if (message.Length > 0 && inCI)
        {
            Assert.Fail(message);
        }

        Assert.SkipWhen(message.Length > 0, message);
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // The system knows no such program: that is what was asked.
            return false;
        }
    }
}
