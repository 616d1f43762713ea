// Package subprocess runs child processes on an event loop. It is os/exec in
// which starting, waiting, reading and writing suspend the task instead of
// blocking the thread, and in which a process belongs to a scope.
//
//	out, err := subprocess.Command("git", "log", "-1").Output(ctx)
//
// # Whose a process is
//
// A process ends with the context that it was started with: when that is
// canceled, or the scope that it is of is left (the task has ended, the timeout
// or the group has been left), the process is asked to terminate, and killed
// after a delay; see [Cmd.Cancel] and [Cmd.WaitDelay]. A group that is left
// waits until the processes which were started in it, or in its tasks, are gone,
// and so does Run. What has ended is reaped at once, whether anyone waits for it
// or not. So nothing outlives its group, and there are no zombies. A process
// that is to outlive its task is started with the context of the group; one that
// is to outlive the program is a matter for os/exec.
//
// [Cmd.Run], [Cmd.Output], [Cmd.CombinedOutput] and [Cmd.Communicate] own the
// process: when they are canceled, they end it, and return when it is gone.
// [Cmd.Wait] only looks on.
//
// # Input and output
//
// [Cmd.StdinPipe], [Cmd.StdoutPipe] and [Cmd.StderrPipe] return pipes that are
// streams: [streams.Pipe]. Waiting for a process does not wait for the end of
// its output, which a grandchild may hold open; reading does. A process whose
// output no one reads stops when the pipe is full: use Communicate, which writes
// and reads at the same time, or a task for each pipe.
//
// # For readers who know Python
//
//	create_subprocess_exec(p, *args)  cmd := Command(p, args...); cmd.Start(ctx)
//	create_subprocess_shell(s)        cmd := Shell(s); cmd.Start(ctx)
//	stdin=PIPE, stdout=PIPE           w, err := cmd.StdinPipe(ctx), cmd.StdoutPipe(ctx), before Start
//	stdin=DEVNULL                     nothing: that is what nil means
//	stdin=None                        cmd.Stdin = os.Stdin
//	stderr=STDOUT                     cmd.Stderr = cmd.Stdout
//	proc.communicate(input)           cmd.Communicate(ctx, input), before Start or after
//	proc.wait()                       cmd.Wait(ctx)
//	proc.pid, proc.returncode         cmd.Pid(), cmd.ReturnCode()
//	proc.send_signal, terminate, kill cmd.Signal, cmd.Terminate, cmd.Kill
//
// Unlike there, an exit status other than 0 is an error, an [ExitError], as in
// os/exec. ReturnCode tells it as asyncio does.
//
// Where the system has no processes, as js/wasm, Start returns the error of
// os/exec.
package subprocess
