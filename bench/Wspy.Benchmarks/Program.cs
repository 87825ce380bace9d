using BenchmarkDotNet.Running;
using Wspy.Benchmarks.Compression;

namespace Wspy.Benchmarks;

/// <summary>Runs the benchmarks that the command line selects; see bench/README.md.</summary>
public static class Program
{
    /// <summary>Takes BenchmarkDotNet's own options, such as <c>--filter '*Masking*'</c>; or <c>native-memory</c>; or <c>corpus</c> and a file to draw into.</summary>
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

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new ShortConfig());
    }
}
