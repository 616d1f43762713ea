package child

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// limited returns the command of a program; the job that it gets has the limits.
func limited(p Program) *exec.Cmd { return plain(p) }

// A family is a program and the processes that it has started: a job.
type family struct{ job windows.Handle }

func start(cmd *exec.Cmd, p Program) (*family, error) {
	job, err := newJob(p)
	if err != nil {
		return nil, err
	}
	f := &family{job}
	if err := cmd.Start(); err != nil {
		f.close()
		return nil, err
	}
	// What it starts before this line is not in the job; a program takes longer to begin.
	if err := join(job, uint32(cmd.Process.Pid)); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		f.close()
		return nil, err
	}
	return f, nil
}

func newJob(p Program) (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, err
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if p.Memory > 0 {
		info.BasicLimitInformation.LimitFlags |= windows.JOB_OBJECT_LIMIT_JOB_MEMORY
		info.JobMemoryLimit = uintptr(p.Memory)
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		_ = windows.CloseHandle(job)
		return 0, err
	}
	return job, nil
}

func join(job windows.Handle, pid uint32) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(process)
	return windows.AssignProcessToJobObject(job, process)
}

func (f *family) kill() { _ = windows.TerminateJobObject(f.job, 1) }

func (f *family) close() { _ = windows.CloseHandle(f.job) }
