using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace Wspy.Conformance.Tests;

public class ReportTests
{
    [Fact]
    public async Task Reports_hold_every_case_and_what_was_on_the_wire()
    {
        await using WebSocketServer server = EchoServer.Start();
        SuiteResult result = await new ServerSuite(server.Url()).RunAsync(CaseSelection.Select(ConformanceCatalogue.All, ["6.1", "2.4"], []));

        using var json = JsonDocument.Parse(Written(ConformanceReport.WriteJson, result));
        JsonElement[] cases = [.. json.RootElement.GetProperty("cases").EnumerateArray()];
        Assert.Equal(result.Results.Count, cases.Length);
        Assert.Contains(cases[0].GetProperty("wire").EnumerateArray(), entry => entry.GetProperty("way").GetString() == "received" && entry.GetProperty("hex").GetString()!.Length > 0);

        var junit = XDocument.Parse(Written(ConformanceReport.WriteJUnit, result));
        Assert.Equal(result.Results.Count, junit.Descendants("testcase").Count());
        Assert.Equal("0", junit.Root!.Attribute("failures")!.Value);

        string html = Written(ConformanceReport.WriteHtml, result);
        using JsonDocument inPage = ReportOf(html);
        Assert.Equal(cases.Select(@case => @case.GetProperty("purpose").GetString()), inPage.RootElement.GetProperty("cases").EnumerateArray().Select(@case => @case.GetProperty("purpose").GetString()));
        Assert.InRange(html.Length, 1, Written(ConformanceReport.WriteJson, result).Length / 2);
    }

    [Fact]
    public async Task A_peer_cannot_put_markup_into_the_page()
    {
        await using WebSocketServer server = EchoServer.Start();
        SuiteResult result = await new ServerSuite(server.Url()).RunAsync(CaseSelection.Select(ConformanceCatalogue.All, ["5.1.1"], []));
        CaseResult hostile = result.Results[0] with { Verdict = Verdict.Failed, Reason = "got </script><script>alert(1)</script> \u0001" };

        string html = Written(ConformanceReport.WriteHtml, result with { Results = [hostile] });
        string junit = Written(ConformanceReport.WriteJUnit, result with { Results = [hostile] });

        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        using JsonDocument inPage = ReportOf(html);
        Assert.Equal(hostile.Reason, inPage.RootElement.GetProperty("cases")[0].GetProperty("reason").GetString());
        Assert.Contains("\\u0001", XDocument.Parse(junit).Descendants("failure").Single().Attribute("message")!.Value, StringComparison.Ordinal);
    }

    /// <summary>What the page's script makes of its data.</summary>
    private static JsonDocument ReportOf(string html)
    {
        const string Begin = "id=\"report\">";
        int begin = html.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        using var packed = new MemoryStream(Convert.FromBase64String(html[begin..html.IndexOf('<', begin)]));
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        return JsonDocument.Parse(gzip);
    }

    private static string Written(Action<SuiteResult, Stream> write, SuiteResult result)
    {
        using var output = new MemoryStream();
        write(result, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
