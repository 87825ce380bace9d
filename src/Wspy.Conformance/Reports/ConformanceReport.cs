using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml;
using Wspy.Conformance.Reports;

namespace Wspy.Conformance;

/// <summary>Writes results to files.</summary>
/// <remarks>Stateless, and safe from any thread.</remarks>
public static class ConformanceReport
{
    private const int BytesInJson = 1024;

    /// <summary>A page holds some thousand cases; nobody reads a kilobyte of hexadecimal digits on it.</summary>
    private const int BytesInHtml = 160;

    /// <summary>JSON: all that is known of each case, its first bytes on the wire included.</summary>
    public static void WriteJson(SuiteResult result, Stream output) => JsonSerializer.Serialize(output, ReportModel.From(result, BytesInJson), ReportJson.Default.ReportModel);

    /// <summary>
    /// JUnit's XML, which build servers read: a test suite for each section. What failed is a failure, what is unsupported is
    /// skipped, and a case that is not strict passes with its reason as output.
    /// </summary>
    public static void WriteJUnit(SuiteResult result, Stream output)
    {
        using var xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), CheckCharacters = false });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", $"WebSocket conformance of {Clean(result.Peer)}");
        Counts(xml, result.Results);
        foreach (IGrouping<int, CaseResult> section in result.Results.GroupBy(item => item.Case.Section))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", $"{section.Key} {section.First().Case.SectionTitle}");
            xml.WriteAttributeString("timestamp", result.Started.UtcDateTime.ToString("s", CultureInfo.InvariantCulture));
            Counts(xml, [.. section]);
            foreach (CaseResult item in section)
            {
                Write(xml, item);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>One HTML page that needs nothing else: what was expected and what happened in each case, filters, bytes and times.</summary>
    public static void WriteHtml(SuiteResult result, Stream output)
    {
        using Stream page = typeof(ConformanceReport).Assembly.GetManifestResourceStream("report.html")!;
        using var reader = new StreamReader(page);
        using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);

        // Nothing that a peer sent can be read as markup: base64 has no <.
        writer.Write(reader.ReadToEnd().Replace(">REPORT<", $">{Packed(result)}<", StringComparison.Ordinal));
    }

    /// <summary>The report as JSON, by gzip, in base64; browsers inflate gzip without help.</summary>
    private static string Packed(SuiteResult result)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            JsonSerializer.Serialize(gzip, ReportModel.From(result, BytesInHtml), ReportJson.Default.ReportModel);
        }

        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    private static void Write(XmlWriter xml, CaseResult item)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", $"{item.Case.Section} {item.Case.SectionTitle}.{item.Case.Group}");
        xml.WriteAttributeString("name", Clean($"{item.Case.Id} {item.Case.Title}"));
        xml.WriteAttributeString("time", Seconds(item.Duration));
        if (item.Verdict == Verdict.Failed)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("message", Clean(item.Reason));
            xml.WriteString(Clean($"{item.Case.Purpose} ({item.Case.Rfc})"));
            xml.WriteEndElement();
        }
        else if (item.Verdict == Verdict.Unsupported)
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", Clean(item.Reason));
            xml.WriteEndElement();
        }
        else if (item.Verdict != Verdict.Passed)
        {
            xml.WriteElementString("system-out", Clean($"{item.Verdict.Name()}: {item.Reason}"));
        }

        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, IReadOnlyList<CaseResult> results)
    {
        xml.WriteAttributeString("tests", results.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", results.Count(item => item.Verdict == Verdict.Failed).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("skipped", results.Count(item => item.Verdict == Verdict.Unsupported).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("time", Seconds(TimeSpan.FromTicks(results.Sum(item => item.Duration.Ticks))));
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>XML has no way to write most control characters, and titles show what peers sent.</summary>
    private static string Clean(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.Value is (< 0x20 and not (0x9 or 0xA or 0xD)) or 0xFFFE or 0xFFFF ? $"\\u{rune.Value:X4}" : rune.ToString()));
}
