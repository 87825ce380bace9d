using BenchmarkDotNet.Running;
using Wspy.Benchmarks.Compression;

namespace Wspy.Benchmarks;

/// <summary>Runs the benchmarks that the command line selects; see bench/README.md.</summary>
public static class Program
{
    private const string WriteCorpus = "write-corpus";

    /// <summary>Takes BenchmarkDotNet's own options, such as <c>--filter '*Masking*'</c>; or <c>native-memory</c>; or <c>corpus</c> and a file to draw into; or <c>write-corpus</c> and a folder.</summary>
    public static void Main(string[] args)
    {
        if (args is [NativeMemory.Command])
        {
            NativeMemory.Print();
            return;
        }

        if (args is [CorpusRun.Command, string plot])
        {
            CorpusRun.Print(plot);
            return;
        }

        if (args is [WriteCorpus, string folder])
        {
            foreach ((string name, _) in Corpus.All)
            {
                File.WriteAllBytes(Path.Combine(folder, name), Corpus.Bytes(name, 512 * 1024));
            }

            return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new ShortConfig());
    }
}
