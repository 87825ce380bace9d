using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Spectre.Console;
using Wspy.Conformance;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Conform;

/// <summary>One run of <c>wspy conform</c>.</summary>
internal static class ConformSession
{
    private const int Usage = 2;

    /// <returns>0 when all is as it should be, 1 when not, 2 when nothing could be tested.</returns>
    public static async Task<int> RunAsync(ConformSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<ConformanceCase> cases = CaseSelection.Select(ConformanceCatalogue.All, settings.Only, settings.Exclude);
            if (settings.List)
            {
                ConformScreen.List(cases);
                return 0;
            }

            ExpectedVerdicts? expected = Read(settings.Expect);
            SuiteResult result = settings.Target is null
                ? await ListenAsync(settings, cases, cancellationToken).ConfigureAwait(false)
                : await ConformScreen.WatchAsync(
                    cases.Count(@case => @case.Roles.HasFlag(PeerRole.Server)),
                    progress => new ServerSuite(settings.Target, settings.Options).RunAsync(cases, progress, cancellationToken)).ConfigureAwait(false);
            Write(settings, result);
            return ConformScreen.Conclude(result, expected, settings.Strict) ? 0 : 1;
        }
        catch (SocketException error)
        {
            Screen.Fail(settings.Target is null ? $"Cannot listen on {settings.Listen}: {error.Message}" : $"{settings.Target} cannot be reached: {error.Message}. Is the server running?");
        }
        catch (CryptographicException error)
        {
            Screen.Fail(settings.Tls.Explain(error));
        }
        catch (AuthenticationException error)
        {
            Screen.Fail($"TLS with {settings.Target} could not be agreed on: {error.Message}{(settings.Options.AcceptAnyCertificate ? "" : " With --insecure any certificate is taken, a self-signed one too.")}");
        }
        catch (Exception error) when (error is ArgumentException or FormatException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            Screen.Fail(error is OperationCanceledException ? "Stopped before all cases had run." : error.Message);
        }

        return Usage;
    }

    private static ExpectedVerdicts? Read(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        using StreamReader reader = file.OpenText();
        var expected = ExpectedVerdicts.Read(reader);
        return expected.Useless(ConformanceCatalogue.All) is [var useless, ..] ? throw new FormatException($"{file.Name} expects something of {useless}, and there is no such case.") : expected;
    }

    private static async Task<SuiteResult> ListenAsync(ConformSettings settings, IReadOnlyList<ConformanceCase> cases, CancellationToken cancellationToken)
    {
        int count = cases.Count(@case => @case.Roles.HasFlag(PeerRole.Client));
        (X509Certificate2? certificate, string? publicFile) = settings.Tls.Load();
        using X509Certificate2? disposed = certificate;
        SslServerAuthenticationOptions? tls = certificate is null ? null : new() { ServerCertificate = certificate };
        return await ConformScreen.WatchAsync(count, async progress =>
        {
            await using var suite = new ClientSuite(cases, settings.Listen!, settings.Options, tls) { Progress = progress };
            suite.Start();
            Screen.Output.MarkupLineInterpolated($"Waiting for a client: {count} cases at [link]{suite.Url}/cases[/], each at /case?id=…&agent=…, and at last /done?agent=…");
            if (publicFile is not null)
            {
                // A plain line, however long the path is: it is for copying.
                Screen.Output.Profile.Out.Writer.WriteLine($"The certificate was made on this machine and is known to nobody else; the client is to trust {publicFile}");
            }

            return await suite.RunAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static void Write(ConformSettings settings, SuiteResult result)
    {
        Write(settings.Json, output => ConformanceReport.WriteJson(result, output));
        Write(settings.JUnit, output => ConformanceReport.WriteJUnit(result, output));
        Write(settings.Html, output => ConformanceReport.WriteHtml(result, output));
        Write(settings.WriteExpect, output =>
        {
            using var writer = new StreamWriter(output);
            ExpectedVerdicts.Write(result, writer);
        });
    }

    private static void Write(FileInfo? file, Action<Stream> write)
    {
        if (file is not null)
        {
            using FileStream output = file.Create();
            write(output);
        }
    }
}
