using System.Diagnostics;

namespace Wspy.Tool.Tests;

/// <summary>The command as a person starts it: a process, its output, its exit code.</summary>
internal static class ToolProcess
{
    public static Process Start(params string[] arguments) => StartIn(null, arguments);

    /// <summary>Starts it for a user whose settings are elsewhere.</summary>
    /// <param name="settings">The folder in the place of ~/.config; null for the user's own.</param>
    /// <param name="arguments">Of the command.</param>
    public static Process StartIn(string? settings, params string[] arguments)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "Wspy.Tool.dll");
        ProcessStartInfo start = new("dotnet", ["exec", tool, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NO_COLOR"] = "1" },
        };
        if (settings is not null)
        {
            start.Environment["XDG_CONFIG_HOME"] = settings;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs the command to its end.</summary>
    public static async Task<ToolResult> RunAsync(params string[] arguments)
    {
        using Process program = Start(arguments);
        return await EndAsync(program);
    }

    /// <summary>Waits for the end of a command that was started; it is killed with the test.</summary>
    public static async Task<ToolResult> EndAsync(Process program)
    {
        try
        {
            CancellationToken cancelled = TestContext.Current.CancellationToken;
            Task<string> output = program.StandardOutput.ReadToEndAsync(cancelled);
            Task<string> error = program.StandardError.ReadToEndAsync(cancelled);
            await program.WaitForExitAsync(cancelled);
            return new ToolResult(program.ExitCode, await output, await error);
        }
        finally
        {
            program.Kill();
        }
    }
}

/// <summary>What a command that has ended left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);
