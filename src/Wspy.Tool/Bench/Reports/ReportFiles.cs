using System.Text;
using System.Text.Json;

namespace Wspy.Tool.Bench.Reports;

/// <summary>Writes a report to files.</summary>
internal static class ReportFiles
{
    public static void WriteJson(BenchReport report, FileInfo file)
    {
        using FileStream output = file.Create();
        JsonSerializer.Serialize(output, report, BenchJson.Default.BenchReport);
        output.WriteByte((byte)'\n');
    }

    /// <summary>One page that needs nothing else.</summary>
    public static void WriteHtml(BenchReport report, FileInfo file)
    {
        using Stream page = typeof(ReportFiles).Assembly.GetManifestResourceStream("bench.html")!;
        using var reader = new StreamReader(page);
        using var writer = new StreamWriter(file.Create(), new UTF8Encoding(false));

        // The serializer writes < as \u003C, so that no text can end the script.
        writer.Write(reader.ReadToEnd().Replace("/*REPORT*/null", JsonSerializer.Serialize(report, BenchJson.Default.BenchReport), StringComparison.Ordinal));
    }
}
