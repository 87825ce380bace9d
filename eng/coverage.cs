// Prints how much of the layers below the transports the unit tests cover, by lines and by branches:
//   dotnet run eng/coverage.cs
// Further arguments are handed to `dotnet test`, so that `-- --filter-class "*FrameHeaderTests"` shows what one class covers.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

string[] layers = ["Buffers", "Compression", "Frames", "Messages", "Extensions", "Http", "Protocol", "Handshake"];
string root = Root();
string report = Path.Combine(Directory.CreateTempSubdirectory("wspy-coverage-").FullName, "coverage.xml");

// Release: what users run, and no branches of Debug.Assert that nothing may ever take.
using (Process test = Process.Start(new ProcessStartInfo("dotnet",
    [
        "test", "-c", "Release", "--project", "tests/Wspy.Tests", .. args,
        "--coverage", "--coverage-output-format", "cobertura", "--coverage-output", report,
    ]) { WorkingDirectory = root })!)
{
    test.WaitForExit();
    if (!File.Exists(report))
    {
        Console.Error.WriteLine("The tests left no coverage report.");
        return 1;
    }

    if (test.ExitCode != 0)
    {
        Console.WriteLine("Some tests failed: the figures are those of a failed run.");
    }

    List<Line> lines = Read(report);
    Directory.Delete(Path.GetDirectoryName(report)!, recursive: true);
    PrintGaps(lines);
    PrintTable(lines);
    return test.ExitCode;
}

// One entry for each line with code, in the order of files and lines. What several methods share a line for (lambdas, the state
// machines of iterators) is added up.
List<Line> Read(string file) =>
[
    .. from type in XDocument.Load(file).Descendants("class")
       let path = Relative((string)type.Attribute("filename")!)
       where path is not null
       from line in type.Element("lines")!.Elements("line")
       group line by (path, number: (int)line.Attribute("number")!) into same
       orderby same.Key.path, same.Key.number
       let branches = same.Select(Branches).ToList()
       select new Line(same.Key.path, same.Key.number, same.Any(line => (long)line.Attribute("hits")! > 0), branches.Sum(b => b.Taken), branches.Sum(b => b.All)),
];

// Paths in the report are those of the build, which a deterministic build begins with /_/.
string? Relative(string path)
{
    path = path.Replace('\\', '/');
    int start = path.LastIndexOf("/src/Wspy/", StringComparison.Ordinal);
    return start >= 0 && layers.Contains(Layer(path[(start + 1)..])) ? path[(start + 1)..] : null;
}

static string Layer(string path) => path.Split('/')[2];

// condition-coverage="50% (1/2)"
static (int Taken, int All) Branches(XElement line)
{
    string? coverage = (string?)line.Attribute("condition-coverage");
    if (coverage is null)
    {
        return (0, 0);
    }

    string[] parts = coverage[(coverage.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split('/');
    return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
}

void PrintTable(List<Line> lines)
{
    Console.WriteLine();
    Console.WriteLine($"{"layer",-12} {"lines",20} {"branches",20}");
    foreach (string layer in layers)
    {
        PrintRow(layer, [.. lines.Where(line => Layer(line.Path) == layer)]);
    }

    PrintRow("total", lines);
}

static void PrintRow(string name, List<Line> lines)
{
    if (lines.Count > 0)
    {
        Console.WriteLine($"{name,-12} {Figure(lines.Count(line => line.Ran), lines.Count),20} {Figure(lines.Sum(line => line.Taken), lines.Sum(line => line.Branches)),20}");
    }
}

static string Figure(int covered, int all) =>
    string.Create(CultureInfo.InvariantCulture, $"{covered,5}/{all,-5} {(all == 0 ? 100 : Math.Floor(1000.0 * covered / all) / 10),6:0.0} %");

// A stretch of lines that never ran is told once, by its first and last line.
static void PrintGaps(List<Line> lines)
{
    for (int i = 0; i < lines.Count; i++)
    {
        if (lines[i].Ran)
        {
            if (lines[i].Taken < lines[i].Branches)
            {
                Console.WriteLine($"{lines[i].Path}({lines[i].Number}): {lines[i].Branches - lines[i].Taken} of {lines[i].Branches} branches never taken");
            }

            continue;
        }

        int first = i;
        while (i + 1 < lines.Count && !lines[i + 1].Ran && lines[i + 1].Path == lines[first].Path)
        {
            i++;
        }

        int branches = lines[first..(i + 1)].Sum(line => line.Branches);
        Console.WriteLine($"{lines[first].Path}({lines[first].Number}{(i > first ? $"-{lines[i].Number}" : "")}): never run{(branches > 0 ? $", with {branches} branches" : "")}");
    }
}

static string Root([CallerFilePath] string here = "") => Path.GetDirectoryName(Path.GetDirectoryName(here))!;

internal sealed record Line(string Path, int Number, bool Ran, int Taken, int Branches);
