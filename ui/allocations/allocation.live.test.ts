/** One instance in a real browser, by keyboard where it can be: its lines as they are written, a terminal, its end. */
import { describe, expect, it } from 'vitest';
import { instancesOf } from '../../src/agent/testing/job-watch.ts';
import { hasBrowser, pageBench, says } from '../testing/page-bench.ts';

const CLOCK = `job "clock" {
  datacenters = ["dc1"]
  group "g" {
    task "ticker" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.2; done"]
      }
    }
  }
}
`;

describe.runIf(hasBrowser)('an allocation on the page', () => {
  const bench = pageBench();

  it('shows lines as they are written, runs a command in a terminal, and is stopped from the palette', async () => {
    const { agent } = bench;
    await agent.succeed('run', '-detach', agent.file(CLOCK));
    await expect.poll(() => instancesOf(agent, 'clock')).toMatchObject([{ ClientStatus: 'running' }]);
    const [clock] = await instancesOf(agent, 'clock');
    const { page, complaints, close } = await bench.open(`/allocations/${clock?.ID}/logs?q=tick`);
    const dialog = page.getByRole('dialog');
    const choose = async (words: string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /^Find/ }).fill(words);
      await page
        .getByRole('option', { name: new RegExp(words, 'i') })
        .first()
        .waitFor();
      await page.keyboard.press('Enter');
    };
    await says(page, /tick 5\n/);

    await choose('terminal of this');
    await page.getByRole('button', { name: 'Open terminal' }).click();
    const screen = page.locator('.xterm-rows');
    // The shell asks.
    await expect.poll(() => screen.textContent()).toMatch(/[#$]/);
    await page.keyboard.type('printf "%s\\033[38;2;1;2;3m%s\\n" begin$((6*7)) end\n');
    await expect.poll(() => screen.textContent()).toMatch(/begin42end/);
    await page.keyboard.type('exit 3\n');
    await says(page, /The command ended with exit code 3/);

    await page.keyboard.press('Shift+Escape');
    await choose('stop clock');
    expect(await dialog.textContent()).toMatch(/scheduler places another in its stead/);
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('main').getByText('complete', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
