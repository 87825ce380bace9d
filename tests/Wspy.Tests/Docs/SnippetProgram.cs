using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Wspy.Tests.Docs;

/// <summary>A snippet that runs as a process of its own, in a folder of its own, as the program of a user who copied it.</summary>
internal sealed partial class SnippetProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A run of the tests that measures coverage would otherwise measure the program as well.
    private static readonly string[] InheritedFromTests = ["CORECLR_", "CODE_COVERAGE_", "MicrosoftInstrumentationEngine_"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wspy-snippet-");
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly Snippet _snippet;

    private SnippetProgram(Snippet snippet, byte[] assembly)
    {
        _snippet = snippet;
        string program = Path.Combine(_folder.FullName, "Snippet.dll");
        File.WriteAllBytes(program, assembly);
        foreach (string library in (string[])["Wspy.dll", "Microsoft.Extensions.Logging.Abstractions.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, library), Path.Combine(_folder.FullName, library));
        }

        string version = Environment.Version.ToString(3);
        File.WriteAllText(
            Path.Combine(_folder.FullName, "Snippet.runtimeconfig.json"),
            $$"""{ "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "{{version}}" } } }""");
        _process = Process.Start(Host(program))!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    // The host of the runtime that runs this test: <root>/shared/Microsoft.NETCore.App/<version>/ holds its libraries.
    private static string DotNet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>How a program is started from a test: its streams are the test's, and nothing measures its coverage.</summary>
    public static ProcessStartInfo Host(string program)
    {
        var start = new ProcessStartInfo(DotNet, [program]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => InheritedFromTests.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    /// <exception cref="FormatException">The snippet does not compile.</exception>
    public static SnippetProgram Start(Snippet snippet) => new(snippet, SnippetCompiler.Emit(snippet));

    /// <summary>
    /// The same snippet with other ports: documents use 8000 to 8099, and each of these is replaced by the same free port in
    /// every snippet that shares the <paramref name="ports"/>.
    /// </summary>
    public static Snippet Move(Snippet snippet, Dictionary<int, int> ports) => snippet with
    {
        Code = DocumentPort.Replace(snippet.Code, match =>
        {
            int documented = int.Parse(match.Value, CultureInfo.InvariantCulture);
            if (!ports.TryGetValue(documented, out int port))
            {
                ports[documented] = port = FreePort();
            }

            return port.ToString(CultureInfo.InvariantCulture);
        }),
    };

    /// <summary>Returns once the program accepts connections.</summary>
    /// <exception cref="SnippetException">It ended, or did not listen within 30 s.</exception>
    public async Task AcceptsAsync(int port)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!_process.HasExited && Stopwatch.GetElapsedTime(start) < Patience)
            {
                // Nothing tells from outside when another process starts to listen: ask again.
                await Task.Delay(20);
            }
            catch (SocketException e)
            {
                throw Failure(_process.HasExited ? "ended instead of serving" : $"did not listen: {e.Message}");
            }
        }
    }

    /// <summary>Returns when the program has ended by itself, without an error.</summary>
    public async Task EndsAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"did not end within {Patience.TotalSeconds} s");
        }

        if (_process.ExitCode != 0)
        {
            throw Failure($"ended with exit code {_process.ExitCode}");
        }
    }

    /// <summary>Sends Ctrl-C, upon which a server stops gracefully.</summary>
    public void Interrupt()
    {
        const int SigInt = 2;
        if (Kill(_process.Id, SigInt) != 0)
        {
            throw Failure("could not be interrupted");
        }
    }

    public SnippetException Failure(string what) => new($"{_snippet.Place}: the program {what}. It printed:{Environment.NewLine}{Output}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void Keep(object sender, DataReceivedEventArgs received)
    {
        lock (_output)
        {
            _output.AppendLine(received.Data);
        }
    }

    [GeneratedRegex(@"\b80\d\d\b")]
    private static partial Regex DocumentPort { get; }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
